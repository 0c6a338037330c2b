import { type ClientId, clients, TRANSPORTS } from '../clients/index.ts';
import type { Spreads } from '../rounds.ts';
import type { Chart, Goal, Spread, SuiteResult, Table } from '../suite.ts';
import { IN_BATCHES, JUDGED, latenciesOf, nameOf, ONE_BY_ONE, titleOf } from './cells.ts';
import type { DeliveryFigures } from './measure.ts';

type Figure = keyof DeliveryFigures;

/** By figure and latency. Not all clients have all latencies. */
export type CellFigures = Readonly<Record<`${Figure} at ${number} ms`, number>>;

type Figures = ReadonlyMap<string, Spreads<CellFigures>>;

export interface Measured {
  readonly oneByOne: readonly { readonly concurrency: number; readonly figures: Figures }[];
  /** Of those that send many events in a request. */
  readonly batches: Figures;
}

const of = (figures: Figures, id: ClientId, figure: Figure, latencyMs: number): Spread | undefined =>
  figures.get(titleOf(id))?.[`${figure} at ${latencyMs} ms`];

const FIGURES: readonly { readonly figure: Figure; readonly title: string; readonly unit: string }[] = [
  { figure: 'eventsPerSecond', title: 'Events a second', unit: 'events/s' },
  { figure: 'cpuUsPerEvent', title: 'CPU of the process, per event', unit: 'µs' },
  { figure: 'mainThreadUsPerEvent', title: 'CPU of the main thread, per event', unit: 'µs' },
];

export function deliveryResult(measured: Measured): SuiteResult {
  const judged = measured.oneByOne.find(({ concurrency }) => concurrency === JUDGED.concurrency)?.figures;
  if (!judged) throw new Error(`Nothing was measured with ${nameOf(JUDGED)}`);
  const ofJudged = (id: ClientId, figure: Figure): number =>
    of(judged, id, figure, JUDGED.latencyMs)?.median ?? Number.NaN;
  return {
    goals: goals(ofJudged),
    tables: [ratios(ofJudged), ...absolutes(measured), inBatches(measured.batches)],
    charts: charts(judged),
  };
}

function goals(of: (id: ClientId, figure: Figure) => number): Goal[] {
  const times = (a: ClientId, b: ClientId, figure: Figure = 'eventsPerSecond'): number =>
    of(a, figure) / of(b, figure);
  const where = nameOf(JUDGED);
  const ratio = (what: string, value: number, limit: number, isLeast: boolean): Goal => ({
    what: `${what} (${where})`,
    goal: `${isLeast ? '≥' : '≤'} ${limit} ×`,
    measured: `${value.toFixed(2)} ×`,
    isReached: isLeast ? value >= limit : value <= limit,
  });
  const rate = 'events a second';
  const all: Record<(typeof TRANSPORTS)[number], () => Goal[]> = {
    kyTransport: () => [
      ratio(`kyTransport, ${rate}: of \`@getvero/tracking\``, times('kyTransport', 'getvero'), 1.5, true),
      ratio(
        'kyTransport, CPU an event: of `@getvero/tracking`',
        times('kyTransport', 'getvero', 'cpuUsPerEvent'),
        0.65,
        false,
      ),
    ],
    undiciTransport: () => [
      ratio(
        `undiciTransport, ${rate}: of \`@getvero/tracking\``,
        times('undiciTransport', 'getvero'),
        2.8,
        true,
      ),
      ratio(`undiciTransport, ${rate}: of raw undici`, times('undiciTransport', 'undici'), 0.85, true),
    ],
    threadTransport: () => {
      const track = of('threadTransport', 'handOverUsPerEvent');
      const us = of('threadTransport', 'mainThreadUsPerEvent') - track;
      return [
        {
          what: `threadTransport, CPU of the main thread for the delivery of an event (${where})`,
          goal: '≤ 10 µs',
          measured: `${us.toFixed(1)} µs, and ${track.toFixed(1)} µs for \`track\` itself`,
          isReached: us <= 10,
        },
        ratio(`threadTransport, ${rate}: of raw undici`, times('threadTransport', 'undici'), 0.7, true),
      ];
    },
  };
  return TRANSPORTS.flatMap((transport) => all[transport]());
}

function ratios(of: (id: ClientId, figure: Figure) => number): Table {
  const references: readonly ClientId[] = ['getvero', 'undici'];
  const columns = references.flatMap((id) => [
    { title: `events a second, of ${titleOf(id)}`, unit: '×' },
    { title: `CPU, of ${titleOf(id)}`, unit: '×' },
  ]);
  const rows = ONE_BY_ONE.map((id) => ({
    name: titleOf(id),
    cells: references.flatMap((reference) => [
      of(id, 'eventsPerSecond') / of(reference, 'eventsPerSecond'),
      of(id, 'cpuUsPerEvent') / of(reference, 'cpuUsPerEvent'),
    ]),
  }));
  return {
    title: 'Ratios',
    note:
      `Of the medians with ${nameOf(JUDGED)}, where the goals are judged. For events a second more is better, for CPU less. ` +
      'Each process measures one client with so many requests in flight: it warms up for 20,000 events or three seconds, and then sends for about a second for each time that the server waits. ' +
      'Ours are measured from the first `track` until `flush` resolves; what is sent by hand, and `@getvero/tracking`, with a loop that keeps as many calls under way.',
    columns,
    rows,
  };
}

/** One for each figure and each time that the server waits. */
function absolutes({ oneByOne }: Measured): Table[] {
  const latencies = [...new Set(ONE_BY_ONE.flatMap(latenciesOf))];
  return FIGURES.flatMap(({ figure, title, unit }) =>
    latencies.map((latencyMs) => ({
      title: `${title}: answers after ${latencyMs} ms`,
      columns: oneByOne.map(({ concurrency }) => ({ title: `${concurrency} in flight`, unit })),
      rows: ONE_BY_ONE.filter((id) => latenciesOf(id).includes(latencyMs)).map((id) => ({
        name: titleOf(id),
        cells: oneByOne.map(({ figures }) => of(figures, id, figure, latencyMs)),
      })),
    })),
  );
}

function inBatches(batches: Figures): Table {
  return {
    title: 'Peers that send batches, another protocol',
    note:
      'Not to be compared with the above: Vero takes one event a request, and these send 15 to 100 in one, to endpoints that Vero does not have. ' +
      'Each with its defaults, 0 ms. RudderStack is given one batch at a time, because each of its calls encodes all that waits.',
    columns: FIGURES.map(({ title, unit }) => ({ title, unit })),
    rows: IN_BATCHES.map((id) => ({
      name: titleOf(id),
      cells: FIGURES.map(({ figure }) => of(batches, id, figure, JUDGED.latencyMs)),
    })),
  };
}

function charts(judged: Figures): Chart[] {
  const bars = (figure: Figure): Chart['bars'] =>
    ONE_BY_ONE.flatMap((id) => {
      const value = of(judged, id, figure, JUDGED.latencyMs);
      return value ? [{ name: titleOf(id), value, isOurs: clients[id].isOurs }] : [];
    });
  const where = nameOf(JUDGED);
  return [
    {
      file: 'delivery-rate',
      title: `Events a second, ${where} (more is better)`,
      unit: 'events/s',
      bars: bars('eventsPerSecond'),
    },
    {
      file: 'delivery-cpu',
      title: `CPU per event, ${where} (less is better)`,
      unit: 'µs',
      bars: bars('cpuUsPerEvent'),
    },
    {
      file: 'delivery-main-thread',
      title: `CPU of the main thread per event, ${where} (less is better)`,
      unit: 'µs',
      bars: bars('mainThreadUsPerEvent'),
    },
  ];
}
