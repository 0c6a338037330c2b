/** One measurement: what events take that wait in the memory queue. */
import { setTimeout as wait } from 'node:timers/promises';
import { buildTrackPayload, createVero, memoryQueue, type Vero } from '@verotrack/core';
import { giveResult, inputOf } from '../child.ts';
import { cartEvent } from '../event.ts';

export interface WaitingInput {
  readonly events: number;
}

export type WaitingFigures = {
  readonly bytesPerEvent: number;
  /** Of the encoded payload, without the credential. */
  readonly payloadBytes: number;
};

const SAMPLES = 1_000;
const WARM_UP_EVENTS = 20_000;

const { events } = inputOf<WaitingInput>();
// Compiled code is no part of what an event takes.
const warm = waitingClient(WARM_UP_EVENTS);
for (let n = 0; n < WARM_UP_EVENTS; n++) track(warm, n);
await warm.close({ timeout: 0 });
const vero = waitingClient(events);
const before = await usedBytes();
for (let n = 0; n < events; n++) track(vero, n);
const bytesPerEvent = ((await usedBytes()) - before) / events;
const { pending } = vero.stats();
if (pending !== events) throw new Error(`${pending} of ${events} events wait`);
giveResult({ bytesPerEvent, payloadBytes: meanPayloadBytes() } satisfies WaitingFigures);

function waitingClient(capacity: number): Vero {
  return createVero({
    authToken: 'tok_secret_benchmark',
    queue: memoryQueue({ capacity, maxBytes: 2 ** 40 }),
    // The one that is under way is never answered, and the others wait.
    transport: { send: () => new Promise(() => {}) },
    delivery: { concurrency: 1, timeoutMs: 600_000 },
    logger: () => {},
  });
}

function track(client: Vero, n: number): void {
  const { name, identity, data } = cartEvent(n);
  client.track(name, { identity, data });
}

async function usedBytes(): Promise<number> {
  const { gc } = globalThis as { gc?: () => void };
  if (!gc) throw new Error('It needs --expose-gc');
  for (let n = 0; n < 3; n++) {
    await wait(10);
    gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function meanPayloadBytes(): number {
  let bytes = 0;
  for (let n = 0; n < SAMPLES; n++) {
    const { name, identity, data } = cartEvent(Math.floor((n * events) / SAMPLES));
    const payload = buildTrackPayload(
      { name, identity, data, createdAt: new Date() },
      { authToken: 'tok_secret_benchmark' },
    );
    const { auth_token: _, ...stored } = payload;
    bytes += Buffer.byteLength(JSON.stringify(stored));
  }
  return bytes / SAMPLES;
}
