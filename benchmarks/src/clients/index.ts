import type { ClientKind, ClientOptions } from './client.ts';

/** Our transports. */
export const TRANSPORTS = ['kyTransport', 'undiciTransport', 'threadTransport'] as const;

export type ClientId = keyof typeof KINDS;

/** Everything that is measured, by a name that a child process can be given. Each loads what it is of when it is made. */
const KINDS = {
  kyTransport: ours('kyTransport'),
  undiciTransport: ours('undiciTransport'),
  threadTransport: ours('threadTransport'),
  sqlite: {
    title: '`@verotrack/sqlite`',
    isOurs: true,
    sends: 'queue',
    make: async (options) => (await import('./stored.ts')).onSqlite(options),
  },
  pgBoss: {
    title: '`@verotrack/pg-boss`',
    isOurs: true,
    sends: 'queue',
    make: async (options) => (await import('./stored.ts')).onPgBoss(options),
  },
  getvero: {
    title: '`@getvero/tracking`',
    isOurs: false,
    sends: 'call',
    // Each opens a connection of its own.
    burst: 100,
    make: async (options) => (await import('./getvero.ts')).getvero(options),
  },
  segment: {
    title: '`@segment/analytics-node`',
    isOurs: false,
    sends: 'batches',
    make: async (options) => (await import('./segment.ts')).segment(options),
  },
  posthog: {
    title: '`posthog-node`',
    isOurs: false,
    sends: 'batches',
    make: async (options) => (await import('./posthog.ts')).posthog(options),
  },
  rudderstack: {
    title: '`@rudderstack/rudder-sdk-node`',
    isOurs: false,
    sends: 'batches',
    // Each call encodes all that waits, so that long queues are slow: this is one batch of its.
    burst: 20,
    make: async (options) => (await import('./rudderstack.ts')).rudderstack(options),
  },
  undici: {
    title: 'undici `request`, by hand',
    isOurs: false,
    sends: 'call',
    make: async (options) => (await import('./floor.ts')).undiciRequest(options),
  },
  nodeHttp: {
    title: '`node:http`, by hand',
    isOurs: false,
    sends: 'call',
    make: async (options) => (await import('./floor.ts')).nodeHttp(options),
  },
  fetch: {
    title: '`fetch`, by hand',
    isOurs: false,
    sends: 'call',
    make: async (options) => (await import('./floor.ts')).globalFetch(options),
  },
  ky: {
    title: 'ky, by hand',
    isOurs: false,
    sends: 'call',
    make: async (options) => (await import('./floor.ts')).plainKy(options),
  },
} satisfies Readonly<Record<string, ClientKind>>;

/** Those of others. */
export const IDS_OF_PEERS: readonly ClientId[] = ['getvero', 'segment', 'posthog', 'rudderstack'];

export const clients: Readonly<Record<ClientId, ClientKind>> = KINDS;

function ours(transport: (typeof TRANSPORTS)[number]): ClientKind {
  return {
    title: `Verotrack, ${transport}`,
    isOurs: true,
    sends: 'queue',
    make: async (options: ClientOptions) => {
      const { makeTransport, verotrack } = await import('./verotrack.ts');
      return verotrack(options, { transport: makeTransport[transport]() });
    },
  };
}
