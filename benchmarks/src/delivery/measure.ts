/** One measurement: how fast one client delivers, and what that takes, by how long the server waits with its answer. */
import { giveResult, inputOf } from '../child.ts';
import type { Client } from '../clients/client.ts';
import { type ClientId, clients } from '../clients/index.ts';
import { cartEvent } from '../event.ts';
import { VeroStandIn } from '../vero/stand-in.ts';

export interface DeliveryInput {
  readonly client: ClientId;
  readonly url: string;
  readonly concurrency: number;
  readonly latenciesMs: readonly number[];
  /** How long it warms up at most: it is over with so many events. */
  readonly warmUpMs: number;
  readonly warmUpEvents: number;
  /** How long each latency is measured, in about. */
  readonly measuredMs: number;
}

export type DeliveryFigures = {
  readonly eventsPerSecond: number;
  /** Of the whole process, with all of its threads. */
  readonly cpuUsPerEvent: number;
  readonly mainThreadUsPerEvent: number;
  /** Of that, what went into calls that hand the event over. */
  readonly handOverUsPerEvent: number;
};

const FIRST_EVENTS = 500;
/** What the smallest queue of a peer holds, and less. */
const MOST_IN_BATCHES = 8_000;
const MOST = 100_000;

const input = inputOf<DeliveryInput>();
const vero = new VeroStandIn(input.url);
const kind = clients[input.client];
const client = await kind.make({ ...input, capacity: MOST });
const isBatching = kind.sends === 'batches';
let made = 0;

const rate = await warmUp();
const all: Record<number, DeliveryFigures> = {};
for (const latencyMs of input.latenciesMs) {
  await vero.answerAfter(latencyMs);
  // With a slow answer, what was quick before is bound by it.
  const bound = latencyMs > 0 ? (input.concurrency * 1_000) / latencyMs : Number.POSITIVE_INFINITY;
  const events = (Math.min(rate, bound) * input.measuredMs) / 1_000;
  all[latencyMs] = await measure(clamp(events, isBatching ? MOST_IN_BATCHES : MOST));
}
giveResult(all);

/** Until its code is compiled for speed: no answer is waited for. Returns how many events it does in a second. */
async function warmUp(): Promise<number> {
  await vero.answerAfter(0);
  const until = performance.now() + input.warmUpMs;
  let figures = await measure(clamp(FIRST_EVENTS, MOST));
  while (performance.now() < until && made < input.warmUpEvents) {
    figures = await measure(clamp(FIRST_EVENTS, MOST));
  }
  return figures.eventsPerSecond;
}

async function measure(events: number): Promise<DeliveryFigures> {
  const calls = Array.from({ length: events }, () => client.shape(cartEvent(made++)));
  await vero.reset();
  const [cpu, thread, start] = [process.cpuUsage(), process.threadCpuUsage(), performance.now()];
  let handOverUs = 0;
  if (kind.sends === 'call') await keepInFlight(client, calls);
  else handOverUs = await handOver(client, calls, isBatching ? (kind.burst ?? events) : events);
  const seconds = (performance.now() - start) / 1_000;
  const [spent, onThread] = [process.cpuUsage(cpu), process.threadCpuUsage(thread)];
  await vero.expect(events, kind.title);
  return {
    eventsPerSecond: events / seconds,
    cpuUsPerEvent: (spent.user + spent.system) / events,
    mainThreadUsPerEvent: (onThread.user + onThread.system) / events,
    handOverUsPerEvent: handOverUs / events,
  };
}

/** Whose calls are requests: always as many under way. */
async function keepInFlight(client: Client, calls: readonly unknown[]): Promise<void> {
  const rest = calls.values();
  const work = async (): Promise<void> => {
    for (const call of rest) await client.capture(call);
  };
  await Promise.all(Array.from({ length: input.concurrency }, work));
}

/** Who has a queue: it gets everything at once. Returns the CPU of these calls in microseconds. */
async function handOver(client: Client, calls: readonly unknown[], burst: number): Promise<number> {
  let us = 0;
  for (let first = 0; first < calls.length; first += burst) {
    const before = process.threadCpuUsage();
    for (const call of calls.slice(first, first + burst)) client.capture(call);
    const { user, system } = process.threadCpuUsage(before);
    us += user + system;
    await client.flush();
  }
  return us;
}

function clamp(events: number, most: number): number {
  return Math.round(Math.min(Math.max(events, 2 * input.concurrency, 20), most));
}
