import { runChild } from '../child.ts';
import { clients, TRANSPORTS } from '../clients/index.ts';
import { inRounds } from '../rounds.ts';
import type { BenchContext, Suite, SuiteResult } from '../suite.ts';
import { startVero } from '../vero/stand-in.ts';
import type { DrainFigures, DrainInput } from './drain.ts';
import { type DrainRow, memoryResult, NO_BACKLOG } from './tables.ts';
import type { WaitingFigures, WaitingInput } from './waiting.ts';

const WAITING = new URL('./waiting.ts', import.meta.url);
const DRAIN = new URL('./drain.ts', import.meta.url);
const REQUESTS_PER_SECOND = 200;

export const memory: Suite = {
  name: 'memory',
  title: 'Memory and backlogs',
  run: async (context) => {
    const vero = await startVero();
    try {
      return await runMemory(context, vero.url);
    } finally {
      await vero.stop();
    }
  },
};

async function runMemory({ isQuick, log }: BenchContext, url: string): Promise<SuiteResult> {
  const rounds = isQuick ? 1 : 5;
  const counts = isQuick ? [1_000] : [10_000, 100_000, 1_000_000];
  const waiting = await inRounds(
    counts.map((events) => ({
      name: String(events),
      measure: () =>
        runChild<WaitingFigures>(WAITING, {
          input: { events } satisfies WaitingInput,
          execArgv: ['--expose-gc', '--max-old-space-size=8192'],
        }),
    })),
    { rounds, log },
  );

  const [few, many] = isQuick ? [200, 500] : [10_000, 100_000];
  const drain = (more: Partial<DrainInput>): Promise<DrainFigures> =>
    runChild<DrainFigures>(DRAIN, {
      input: {
        client: 'kyTransport',
        url,
        backlog: 0,
        warmUpEvents: isQuick ? 50 : 10_000,
        requestsPerSecond: REQUESTS_PER_SECOND,
        leastMs: isQuick ? 100 : 3_000,
        ...more,
      } satisfies DrainInput,
    });
  const none = { name: NO_BACKLOG, measure: async (): Promise<DrainRow> => rowOf(0, 0, await drain({})) };
  const drains = TRANSPORTS.map((client) => ({
    name: clients[client].title,
    async measure(): Promise<DrainRow> {
      const alone = { client, requestsPerSecond: 0, leastMs: 0 };
      const [short, long] = [
        await drain({ ...alone, backlog: few }),
        await drain({ ...alone, backlog: many }),
      ];
      return rowOf(short.seconds, long.seconds, await drain({ client, backlog: many }));
    },
  }));
  return memoryResult({ waiting, drains: await inRounds([none, ...drains], { rounds, log }), few, many });
}

const rowOf = (fewSeconds: number, manySeconds: number, beside: DrainFigures): DrainRow => ({
  fewSeconds,
  manySeconds,
  besideSeconds: beside.seconds,
  delayP99Ms: beside.delayP99Ms,
  delayMaxMs: beside.delayMaxMs,
  requestP99Ms: beside.requestP99Ms,
});
