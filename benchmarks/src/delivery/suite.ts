import { runChild } from '../child.ts';
import type { ClientId } from '../clients/index.ts';
import { type Contestant, inRounds } from '../rounds.ts';
import type { BenchContext, Suite, SuiteResult } from '../suite.ts';
import { startVero } from '../vero/stand-in.ts';
import { CONCURRENCIES, IN_BATCHES, JUDGED, latenciesOf, ONE_BY_ONE, titleOf } from './cells.ts';
import type { DeliveryFigures, DeliveryInput } from './measure.ts';
import { type CellFigures, deliveryResult, type Measured } from './tables.ts';

const SCRIPT = new URL('./measure.ts', import.meta.url);

export const delivery: Suite = {
  name: 'delivery',
  title: 'Delivery',
  run: async (context) => {
    const vero = await startVero();
    try {
      return await runDelivery(context, vero.url);
    } finally {
      await vero.stop();
    }
  },
};

/** As many events as it takes until the compiler is done with whatever sends them. */
const EFFORT = { warmUpMs: 3_000, warmUpEvents: 20_000, measuredMs: 1_000 };
const QUICK_EFFORT: typeof EFFORT = { warmUpMs: 0, warmUpEvents: 0, measuredMs: 50 };
const ROUNDS = 5;

async function runDelivery({ isQuick, log }: BenchContext, url: string): Promise<SuiteResult> {
  const effort = isQuick ? QUICK_EFFORT : EFFORT;
  const rounds = isQuick ? 1 : ROUNDS;
  const contestant = (
    client: ClientId,
    concurrency: number,
    latenciesMs: readonly number[],
  ): Contestant<CellFigures> => ({
    name: titleOf(client),
    async measure() {
      const input: DeliveryInput = { ...effort, client, url, concurrency, latenciesMs };
      return asCells(await runChild<Record<number, DeliveryFigures>>(SCRIPT, { input }));
    },
  });
  // The stand-in is slow at first, too.
  if (!isQuick) await contestant('undici', JUDGED.concurrency, [0]).measure();

  const oneByOne: Measured['oneByOne'][number][] = [];
  for (const concurrency of isQuick ? [JUDGED.concurrency] : CONCURRENCIES) {
    log(`${concurrency} in flight`);
    const contestants = ONE_BY_ONE.map((client) => contestant(client, concurrency, latenciesOf(client)));
    oneByOne.push({ concurrency, figures: await inRounds(contestants, { rounds, log }) });
  }
  log('in batches');
  const contestants = IN_BATCHES.map((client) => contestant(client, JUDGED.concurrency, [0]));
  const batches = await inRounds(contestants, { rounds, log });
  return deliveryResult({ oneByOne, batches });
}

/** All figures of all latencies side by side. */
function asCells(measured: Readonly<Record<number, DeliveryFigures>>): CellFigures {
  return Object.fromEntries(
    Object.entries(measured).flatMap(([latencyMs, figures]) =>
      Object.entries(figures).map(([figure, value]) => [`${figure} at ${latencyMs} ms`, value]),
    ),
  ) as CellFigures;
}
