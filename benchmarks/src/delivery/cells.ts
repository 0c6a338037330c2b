import { type ClientId, clients, TRANSPORTS } from '../clients/index.ts';

/** One combination that is measured. */
export interface Cell {
  readonly concurrency: number;
  readonly latencyMs: number;
}

export const CONCURRENCIES: readonly number[] = [1, 8, 32, 128];
const LATENCIES_MS: readonly number[] = [0, 1, 20];
/** Where the goals are judged: a busy server, and nothing but the client to wait for. */
export const JUDGED: Cell = { concurrency: 32, latencyMs: 0 };

/** Those that send one request an event, to Vero, in all cells. */
const EVERYWHERE: readonly ClientId[] = [...TRANSPORTS, 'getvero', 'undici'];
/** The others, where nothing but the client is waited for. */
export const ONE_BY_ONE: readonly ClientId[] = [...EVERYWHERE, 'nodeHttp', 'fetch', 'ky'];
export const IN_BATCHES: readonly ClientId[] = ['segment', 'posthog', 'rudderstack'];

export const nameOf = ({ concurrency, latencyMs }: Cell): string =>
  `${concurrency} in flight, ${latencyMs} ms`;

export const titleOf = (id: ClientId): string => clients[id].title;

export const latenciesOf = (id: ClientId): readonly number[] =>
  EVERYWHERE.includes(id) ? LATENCIES_MS : [0];
