import { startPostgres } from '@verotrack/test-postgres';
import { runChild } from '../child.ts';
import { type ClientId, clients } from '../clients/index.ts';
import { type Contestant, inRounds } from '../rounds.ts';
import type { BenchContext, Suite, SuiteResult } from '../suite.ts';
import { startVero } from '../vero/stand-in.ts';
import type { AcceptFigures, AcceptInput } from './measure.ts';
import { acceptResult, ROWS } from './tables.ts';

const SCRIPT = new URL('./measure.ts', import.meta.url);
/** A young generation that holds all that is measured, so that nothing is collected between two `gc()`. */
const NO_COLLECTION = ['--expose-gc', '--max-semi-space-size=512', '--min-semi-space-size=512'];

export const accept: Suite = {
  name: 'accept',
  title: 'Accept',
  run: async (context) => {
    const vero = await startVero();
    const postgres = await startPostgres();
    try {
      return await runAccept(context, vero.url, postgres.url);
    } finally {
      await postgres.stop();
      await vero.stop();
    }
  },
};

async function runAccept(
  { isQuick, log }: BenchContext,
  url: string,
  postgresUrl: string,
): Promise<SuiteResult> {
  const timed = isQuick ? { warmUpBursts: 0, bursts: 1 } : { warmUpBursts: 20, bursts: 20 };
  const collected = isQuick ? { warmUpBursts: 0, bursts: 1 } : { warmUpBursts: 15, bursts: 5 };
  const contestant = (client: ClientId): Contestant<AcceptFigures> => ({
    name: clients[client].title,
    async measure() {
      const input = { client, url, arrives: client !== 'pgBoss' };
      const env = { DATABASE_URL: postgresUrl };
      const figures = await runChild<AcceptFigures>(SCRIPT, {
        input: { ...input, ...timed } satisfies AcceptInput,
        env,
      });
      const { bytes, turnBytes } = await runChild<AcceptFigures>(SCRIPT, {
        input: { ...input, ...collected } satisfies AcceptInput,
        execArgv: NO_COLLECTION,
        env,
      });
      return { ...figures, bytes, turnBytes };
    },
  });
  const ids = Object.keys(ROWS) as (keyof typeof ROWS)[];
  return acceptResult(await inRounds(ids.map(contestant), { rounds: isQuick ? 1 : 5, log }));
}
