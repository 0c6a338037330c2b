import { runChild } from '../child.ts';
import { type ClientId, clients } from '../clients/index.ts';
import { type Contestant, inRounds, type Spreads } from '../rounds.ts';
import type { BenchContext, Suite, SuiteResult } from '../suite.ts';
import { startVero } from '../vero/stand-in.ts';
import { type Cell, cellsOf, clientsIn, IN_BATCHES, JUDGED, nameOf, roundsOf } from './cells.ts';
import type { DeliveryFigures, DeliveryInput } from './measure.ts';
import { deliveryResult, type Measured } from './tables.ts';

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

async function runDelivery({ isQuick, log }: BenchContext, url: string): Promise<SuiteResult> {
  const times = isQuick ? { warmUpMs: 0, measuredMs: 50 } : { warmUpMs: 1_000, measuredMs: 1_000 };
  const contestant = (client: ClientId, cell: Cell): Contestant<DeliveryFigures> => {
    const input: DeliveryInput = { ...times, ...cell, client, url };
    return { name: clients[client].title, measure: () => runChild<DeliveryFigures>(SCRIPT, { input }) };
  };

  const cells: { cell: Cell; figures: Map<string, Spreads<DeliveryFigures>> }[] = [];
  for (const cell of cellsOf(isQuick)) {
    log(nameOf(cell));
    const rounds = isQuick ? 1 : roundsOf(cell);
    const contestants = clientsIn(cell).map((client) => contestant(client, cell));
    cells.push({ cell, figures: await inRounds(contestants, { rounds, log }) });
  }
  log('in batches');
  const contestants = IN_BATCHES.map((client) => contestant(client, JUDGED));
  const batches = await inRounds(contestants, { rounds: isQuick ? 1 : 5, log });
  return deliveryResult({ cells, batches } satisfies Measured);
}
