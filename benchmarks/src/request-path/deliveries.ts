import { type EventQueue, kyTransport, memoryQueue, type Transport } from '@verotrack/core';
import type { DeliveryName, TransportName } from './setup.ts';

/** The transports that are measured, the default first. To be joined by `undici` and `thread`. */
export const TRANSPORTS: readonly TransportName[] = ['ky'];

/** Room for all that waits while Vero is slow or down: dropping events would make the server faster. */
const ROOM = { capacity: 1_000_000, maxBytes: 1024 ** 3 };

export async function deliveryOf(name: DeliveryName): Promise<{ queue: EventQueue; transport: Transport }> {
  if (name === 'set-aside') return { queue: setAside(), transport: AT_ONCE };
  return { queue: memoryQueue(ROOM), transport: await transportOf(name) };
}

async function transportOf(name: Exclude<DeliveryName, 'set-aside'>): Promise<Transport> {
  if (name === 'at-once') return AT_ONCE;
  if (name === 'ky') return kyTransport();
  // By name, so that types need not know them yet.
  const module: Readonly<Record<string, unknown>> = await import(
    name === 'undici' ? '@verotrack/core' : ['@verotrack/core', 'thread'].join('/')
  );
  return (module[`${name}Transport`] as () => Transport)();
}

const AT_ONCE: Transport = { send: async () => ({ status: 200 }) };

/**
 * The memory queue, out of which each event is taken as soon as it is in: what is left is what a request pays for before
 * delivery begins. As others are said to deliver, the engine does nothing more.
 */
function setAside(): EventQueue {
  const memory = memoryQueue();
  return {
    isDurable: true,
    handsOver: true,
    put: (records) => {
      const dropped = memory.put(records);
      void memory.ack(records.map(({ id }) => id));
      return dropped;
    },
    take: () => [],
    ack: (ids) => memory.ack(ids),
    retry: (...args) => memory.retry(...args),
    dead: (...args) => memory.dead(...args),
    pauseUntil: () => {},
    nextDueAt: () => undefined,
    counts: () => memory.counts(),
    deadLetters: memory.deadLetters,
    close: () => memory.close(),
  };
}
