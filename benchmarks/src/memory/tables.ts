import { clients, TRANSPORTS } from '../clients/index.ts';
import type { Spreads } from '../rounds.ts';
import type { Chart, Goal, Row, SuiteResult, Table } from '../suite.ts';
import type { WaitingFigures } from './waiting.ts';

export const NO_BACKLOG = 'no backlog, the same requests';

export type DrainRow = {
  readonly fewSeconds: number;
  readonly manySeconds: number;
  readonly besideSeconds: number;
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  readonly requestP99Ms: number;
};

export interface Measured {
  /** By how many events wait. */
  readonly waiting: ReadonlyMap<string, Spreads<WaitingFigures>>;
  readonly drains: ReadonlyMap<string, Spreads<DrainRow>>;
  readonly few: number;
  readonly many: number;
}

const english = (count: number | string): string => Number(count).toLocaleString('en-US');
const limitOf = (payloadBytes: number): number => 1.2 * payloadBytes + 300;

export function memoryResult(measured: Measured): SuiteResult {
  return {
    goals: [waitingGoal(measured), ...delayGoal(measured)],
    tables: [ratios(measured), waiting(measured), drains(measured)],
    charts: charts(measured),
  };
}

/** The worst of all backlogs. */
function waitingGoal({ waiting }: Measured): Goal {
  const figures = [...waiting.values()].map(({ bytesPerEvent, payloadBytes }) => ({
    bytes: bytesPerEvent.median,
    limit: limitOf(payloadBytes.median),
  }));
  const worst = figures.reduce((a, b) => (b.bytes / b.limit > a.bytes / a.limit ? b : a));
  return {
    what: 'Memory per waiting event, memory queue (the worst backlog)',
    goal: `≤ 1.2 × the payload + 300 = ${worst.limit.toFixed(0)} bytes`,
    measured: `${worst.bytes.toFixed(0)} bytes`,
    isReached: worst.bytes <= worst.limit,
  };
}

function delayGoal({ drains, many }: Measured): Goal[] {
  const delay = drains.get(clients.threadTransport.title)?.delayP99Ms.median;
  if (delay === undefined) return [];
  return [
    {
      what: `threadTransport, event-loop delay while ${english(many)} events drain beside requests, p99`,
      goal: '≤ 10 ms',
      measured: `${delay.toFixed(1)} ms`,
      isReached: delay <= 10,
    },
  ];
}

function ratios({ waiting }: Measured): Table {
  return {
    title: 'Ratios',
    note: 'What an event takes that waits in the memory queue, of its encoded payload (the JSON that Vero gets, without the token) and of the goal.',
    columns: [
      { title: 'of the payload', unit: '×' },
      { title: 'of 1.2 × the payload + 300 bytes', unit: '×' },
    ],
    rows: [...waiting].map(([events, { bytesPerEvent, payloadBytes }]) => ({
      name: `${english(events)} events wait`,
      cells: [
        bytesPerEvent.median / payloadBytes.median,
        bytesPerEvent.median / limitOf(payloadBytes.median),
      ],
    })),
  };
}

function waiting({ waiting: byCount }: Measured): Table {
  return {
    title: 'Per waiting event',
    note: '`heapUsed` and `external` after garbage collection, with a server that does not answer, less what there was before the first event.',
    columns: [
      { title: 'taken', unit: 'bytes' },
      { title: 'encoded payload', unit: 'bytes' },
    ],
    rows: [...byCount].map(([events, { bytesPerEvent, payloadBytes }]) => ({
      name: `${english(events)} events wait`,
      cells: [bytesPerEvent, payloadBytes],
    })),
  };
}

function drains({ drains: measured, few, many }: Measured): Table {
  return {
    title: 'Backlogs',
    note:
      `How long a backlog takes once it may leave, 32 in flight and a server that answers at once; alone, and beside an HTTP server in the same process that serves 200 requests a second and tracks an event in each. ` +
      'The event-loop delay is that of `monitorEventLoopDelay` with a resolution of 1 ms, which shows a little over 1 ms when nothing happens.',
    columns: [
      { title: `${english(few)} events, alone`, unit: 's' },
      { title: `${english(many)} events, alone`, unit: 's' },
      { title: `${english(many)} events, beside requests`, unit: 's' },
      { title: 'event-loop delay p99', unit: 'ms' },
      { title: 'event-loop delay, longest', unit: 'ms' },
      { title: 'request p99', unit: 'ms' },
    ],
    rows: [...measured].map(([name, figures]): Row => {
      const { fewSeconds, manySeconds, besideSeconds, delayP99Ms, delayMaxMs, requestP99Ms } = figures;
      const times =
        name === NO_BACKLOG ? [undefined, undefined, undefined] : [fewSeconds, manySeconds, besideSeconds];
      return { name, cells: [...times, delayP99Ms, delayMaxMs, requestP99Ms] };
    }),
  };
}

function charts({ drains: measured, many }: Measured): Chart[] {
  const ours = new Set(TRANSPORTS.map((id) => clients[id].title));
  return [
    {
      file: 'event-loop-delay',
      title: `Event-loop delay while ${english(many)} events drain, p99 (less is better)`,
      unit: 'ms',
      bars: [...measured].map(([name, { delayP99Ms }]) => ({
        name,
        value: delayP99Ms,
        isOurs: ours.has(name),
      })),
    },
  ];
}
