import { type EventQueue, kyTransport, memoryQueue, type Transport, undiciTransport } from '@verotrack/core';
import { threadTransport } from '@verotrack/core/thread';
import type { DeliveryName, TransportName } from './setup.ts';

/** The transports that are measured, the default first. */
export const TRANSPORTS: readonly TransportName[] = ['ky', 'undici', 'thread'];

/** Room for all that waits while Vero is slow or down: dropping events would make the server faster. */
const ROOM = { capacity: 1_000_000, maxBytes: 1024 ** 3 };

export function deliveryOf(name: DeliveryName): { queue: EventQueue; transport: Transport } {
  if (name === 'set-aside') return { queue: setAside(), transport: AT_ONCE };
  return { queue: memoryQueue(ROOM), transport: MAKE[name]() };
}

const AT_ONCE: Transport = { send: async () => ({ status: 200 }) };

const MAKE: Readonly<Record<Exclude<DeliveryName, 'set-aside'>, () => Transport>> = {
  'at-once': () => AT_ONCE,
  ky: kyTransport,
  undici: undiciTransport,
  thread: threadTransport,
};

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
