/** One measurement: what it costs to hand over an event, in bursts without an `await`. What follows a burst is not counted. */
import { setTimeout as wait } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { giveResult, inputOf } from '../child.ts';
import { type ClientId, clients } from '../clients/index.ts';
import { cartEvent } from '../event.ts';
import { spreadOf } from '../rounds.ts';
import { VeroStandIn } from '../vero/stand-in.ts';

export interface AcceptInput {
  readonly client: ClientId;
  readonly url: string;
  readonly warmUpBursts: number;
  readonly bursts: number;
  /** Whether the stand-in gets the events. */
  readonly arrives: boolean;
}

/** In microseconds and bytes, for one call. */
export type AcceptFigures = {
  /** The median of the bursts, most of which no garbage collection meets. */
  readonly callUs: number;
  /** The mean of the bursts, with whatever garbage collection fell into them. */
  readonly callWithGcUs: number;
  /** The median of the bursts, with the microtasks that they leave. */
  readonly turnUs: number;
  /** With a heap that is never collected meanwhile, and otherwise no number of worth. */
  readonly bytes: number;
  /** With the microtasks. */
  readonly turnBytes: number;
};

interface Burst {
  readonly us: number;
  readonly turnUs: number;
  readonly bytes: number;
  readonly turnBytes: number;
}

const { client: id, url, warmUpBursts, bursts, arrives } = inputOf<AcceptInput>();
const vero = new VeroStandIn(url);
const kind = clients[id];
const client = await kind.make({ url, concurrency: 16, capacity: 10_000 });
/** Calls in one go. */
const size = kind.burst ?? 1_000;
const gc = (globalThis as { gc?: () => void }).gc;
let made = 0;

const measured: Burst[] = [];
await vero.reset();
// Of small bursts more, but not so many that it takes as many calls: they are slow for another reason.
const times = size < 1_000 ? Math.ceil(250 / size) : 1;
for (let n = 0; n < warmUpBursts * times; n++) await burst();
for (let n = 0; n < bursts * times; n++) measured.push(await burst());
if (arrives) await vero.expect(made, kind.title);
await client.close();

const median = (figure: keyof Burst): number => spreadOf(measured.map((one) => one[figure])).median / size;
const mean = (figure: keyof Burst): number =>
  measured.reduce((sum, one) => sum + one[figure], 0) / (measured.length * size);
giveResult({
  callUs: median('us'),
  callWithGcUs: mean('us'),
  turnUs: median('turnUs'),
  bytes: median('bytes'),
  turnBytes: median('turnBytes'),
} satisfies AcceptFigures);

async function burst(): Promise<Burst> {
  const calls = Array.from({ length: size }, () => client.shape(cartEvent(made++)));
  const answers: unknown[] = new Array(size);
  gc?.();
  const heap = getHeapStatistics().used_heap_size;
  const start = performance.now();
  for (let i = 0; i < size; i++) answers[i] = client.capture(calls[i]);
  const us = (performance.now() - start) * 1_000;
  const bytes = getHeapStatistics().used_heap_size - heap;
  const left = performance.now();
  await new Promise(setImmediate);
  const turnUs = us + (performance.now() - left) * 1_000;
  const turnBytes = getHeapStatistics().used_heap_size - heap;
  await Promise.all(answers);
  await client.flush();
  await wait(0);
  return { us, turnUs, bytes, turnBytes };
}
