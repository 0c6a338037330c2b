/** One measurement: how long a backlog takes, and what the requests notice that are served meanwhile. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { giveResult, inputOf } from '../child.ts';
import { type ClientId, clients } from '../clients/index.ts';
import { cartEvent } from '../event.ts';
import { VeroStandIn } from '../vero/stand-in.ts';
import type { LoadInput, LoadResult } from './load.ts';

export interface DrainInput {
  readonly client: ClientId;
  readonly url: string;
  readonly backlog: number;
  readonly warmUpEvents: number;
  /** Served beside, each with an event of its own. */
  readonly requestsPerSecond: number;
  /** How long it lasts at least. */
  readonly leastMs: number;
}

export type DrainFigures = {
  readonly seconds: number;
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  readonly requestP99Ms: number;
};

const CONCURRENCY = 32;
const LOOK_MS = 50;

const input = inputOf<DrainInput>();
const vero = new VeroStandIn(input.url);
const kind = clients[input.client];
const client = await kind.make({ url: input.url, concurrency: CONCURRENCY, capacity: 1_000_000 });
let made = 0;
await vero.reset();
await vero.answerAfter(0);
capture(input.warmUpEvents);
await client.flush();
const server = createServer((_, res) => {
  capture(1);
  res.end('{"ok":true}');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

// The backlog is there before the first request: these notice how it is sent, and not how it came.
await vero.hold();
capture(input.backlog);
// What comes first is sent first.
const withBacklog = made;
const load = input.requestsPerSecond > 0 ? await startLoad(input.requestsPerSecond) : undefined;
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const start = performance.now();
await vero.release();
if (load) while ((await vero.counted()).events < withBacklog) await wait(LOOK_MS);
else await client.flush();
const seconds = (performance.now() - start) / 1_000;
await wait(Math.max(0, input.leastMs - seconds * 1_000));
delay.disable();

const served = await load?.stop();
await client.flush();
await vero.expect(made, kind.title);
giveResult({
  seconds,
  delayP99Ms: delay.percentile(99) / 1e6,
  delayMaxMs: delay.max / 1e6,
  requestP99Ms: served?.p99Ms ?? 0,
} satisfies DrainFigures);

function capture(events: number): void {
  for (let n = 0; n < events; n++) client.capture(client.shape(cartEvent(made++)));
}

/** Resolves when the first requests are served. */
async function startLoad(requestsPerSecond: number): Promise<{ stop(): Promise<LoadResult> }> {
  const { port } = server.address() as AddressInfo;
  const loadInput: LoadInput = { url: `http://127.0.0.1:${port}`, requestsPerSecond };
  const child = fork(new URL('./load.ts', import.meta.url), [JSON.stringify(loadInput)], {
    execArgv: ['--no-warnings'],
  });
  await once(server, 'request');
  return {
    async stop() {
      const result = once(child, 'message') as Promise<[LoadResult]>;
      child.send('stop');
      const [{ p99Ms, failed }] = await result;
      if (failed > 0) throw new Error(`${failed} requests failed`);
      return { p99Ms, failed };
    },
  };
}
