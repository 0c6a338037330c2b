import { type ClientId, clients } from '../clients/index.ts';
import type { Spreads } from '../rounds.ts';
import type { Column, SuiteResult } from '../suite.ts';
import type { AcceptFigures } from './measure.ts';

/** What is measured, and what its row is called. */
export const ROWS = {
  kyTransport: 'Verotrack `track`, memory queue',
  sqlite: 'Verotrack `track`, sqlite queue: stored when it returns',
  pgBoss: 'Verotrack `track`, pg-boss queue: stored soon after',
  getvero: '`@getvero/tracking` `event.track`: starts a request',
  segment: '`@segment/analytics-node` `track`',
  posthog: '`posthog-node` `capture`',
  rudderstack: '`@rudderstack/rudder-sdk-node` `track`',
} as const satisfies Partial<Record<ClientId, string>>;

type Measured = keyof typeof ROWS;

/** What ours are called where only the queue differs. */
const LABELS: Partial<Record<Measured, string>> = {
  kyTransport: 'Verotrack, memory queue',
  sqlite: 'Verotrack, sqlite queue',
  pgBoss: 'Verotrack, pg-boss queue',
};

const FIGURES: readonly (Column & { readonly figure: keyof AcceptFigures })[] = [
  { figure: 'callUs', title: 'call, median', unit: 'µs' },
  { figure: 'callWithGcUs', title: 'call, mean with garbage collection', unit: 'µs' },
  { figure: 'turnUs', title: 'with what it leaves to the same turn, median', unit: 'µs' },
  { figure: 'bytes', title: 'allocated by the call', unit: 'bytes' },
  { figure: 'turnBytes', title: 'allocated with what it leaves to the same turn', unit: 'bytes' },
];

export function acceptResult(measured: ReadonlyMap<string, Spreads<AcceptFigures>>): SuiteResult {
  const ids = Object.keys(ROWS) as Measured[];
  const spread = (id: Measured, figure: keyof AcceptFigures) => measured.get(clients[id].title)?.[figure];
  const of = (id: Measured, figure: keyof AcceptFigures): number => spread(id, figure)?.median ?? Number.NaN;
  // `capture` leaves most of its work to a microtask, so that its call alone says little.
  const ofPosthog = (figure: keyof AcceptFigures) => of('kyTransport', figure) / of('posthog', figure);
  const us = (id: Measured, limit: number) => ({
    goal: `≤ ${limit} µs`,
    measured: `${of(id, 'callUs').toFixed(1)} µs`,
    isReached: of(id, 'callUs') <= limit,
  });
  return {
    goals: [
      { what: 'Accept, memory queue', ...us('kyTransport', 5) },
      {
        what: "Accept, memory queue: of `posthog-node`'s `capture`, each with what it leaves to the same turn",
        goal: '≤ 0.6 ×',
        measured: `${ofPosthog('turnUs').toFixed(2)} × (the call alone ${ofPosthog('callUs').toFixed(2)} ×)`,
        isReached: ofPosthog('turnUs') <= 0.6,
      },
      { what: 'Accept, sqlite queue (stored when `track` returns)', ...us('sqlite', 30) },
    ],
    tables: [
      {
        title: 'Ratios',
        note: "Of the memory queue's medians: how many times as much the others take.",
        columns: FIGURES.map(({ title }) => ({ title, unit: '×' })),
        rows: ids.map((id) => ({
          name: ROWS[id],
          cells: FIGURES.map(({ figure }) => of(id, figure) / of('kyTransport', figure)),
        })),
      },
      {
        title: 'Of one call',
        note:
          'Calls in bursts of 1,000 without an `await`; between bursts everything is delivered, which is not counted. ' +
          '`@getvero/tracking` is called 100 times at once, because each call opens a connection, and only what it does before it returns its promise is the call. ' +
          'RudderStack is called 20 times at once, because each call encodes all that waits. ' +
          'What a call leaves to the same turn are its microtasks, and the start of whatever it sends: `capture` returns before it has made its event, so that for it this is the figure. ' +
          "The sqlite queue's file is in the system's folder for temporary files, and Postgres on this machine. " +
          'Bytes are those of JavaScript objects, with a heap that is not collected meanwhile.',
        columns: FIGURES.map(({ title, unit }) => ({ title, ...(unit ? { unit } : {}) })),
        rows: ids.map((id) => ({ name: ROWS[id], cells: FIGURES.map(({ figure }) => spread(id, figure)) })),
      },
    ],
    charts: (
      [
        [
          'accept-time',
          'turnUs',
          'Time of one call with what it leaves to the same turn (less is better)',
          'µs',
        ],
        ['accept-bytes', 'turnBytes', 'Allocated by one call in the same turn (less is better)', 'bytes'],
      ] as const
    ).map(([file, figure, title, unit]) => ({
      file,
      title,
      unit,
      bars: ids.flatMap((id) => {
        const value = spread(id, figure);
        return value ? [{ name: LABELS[id] ?? clients[id].title, value, isOurs: clients[id].isOurs }] : [];
      }),
    })),
  };
}
