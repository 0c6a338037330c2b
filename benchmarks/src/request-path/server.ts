import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createVero, type Vero } from '@verotrack/core';
import { deliveryOf } from './deliveries.ts';
import { answering } from './helpers.ts';
import type { Peer } from './peers.ts';
import { isPeer, type Setup } from './setup.ts';
import type { RunningHost, Shop } from './shop.ts';

/** The process of a server: serves one host with one way of tracking, and measures its own CPU. */

export type ServerQuestion =
  | { readonly start: Setup /** Of the stand-in. */; readonly url: string }
  /** Warm-up is over. */
  | { readonly collectGarbage: true }
  | { readonly begin: true }
  /** All requests since `begin` have been answered. */
  | { readonly end: true; readonly requests: number };

/** Microseconds of the main thread's CPU. */
export interface ServerCpu {
  /** Until the last answer. */
  readonly answered: number;
  /** Until the last event was delivered, where that can be. */
  readonly delivered: number;
}

const FLUSH_MS = 60_000;

let setup: Setup = { host: 'express', tracking: 'none' };
let vero: Vero | undefined;
let peer: Peer | undefined;
let cpu = cpuClock();
let acceptedBefore = 0;

answering(async (question: ServerQuestion): Promise<unknown> => {
  if ('start' in question) return await start(question.start, question.url);
  if ('collectGarbage' in question) {
    await settled();
    globalThis.gc?.();
  } else if ('begin' in question) {
    acceptedBefore = accepted();
    cpu = cpuClock();
  } else return await end(question.requests);
  return {};
});

async function start(asked: Setup, url: string): Promise<RunningHost> {
  setup = asked;
  const { tracking } = setup;
  if (isPeer(tracking)) {
    // Only where one is measured: they may change what is global.
    peer = (await import('./peers.ts')).peerOf(tracking, url);
    return await serve({ tracking: 'none', vero: undefined, peer: peer.call });
  }
  if (tracking !== 'none' && tracking !== 'idle') {
    const { queue, transport } = deliveryOf(setup.delivery ?? 'at-once');
    // What it tells while Vero is down is no part of this.
    vero = createVero({ authToken: 'stand-in', baseUrl: url, queue, transport, logger: () => {} });
  }
  return await serve({ tracking, vero, peer: undefined });
}

async function serve(shop: Shop): Promise<RunningHost> {
  switch (setup.host) {
    case 'express':
      return await (await import('./hosts/express.ts')).startExpress(shop);
    case 'nest-express':
      return await (await import('./hosts/nest.ts')).startNestOnExpress(shop);
    case 'nest-fastify':
      return await (await import('./hosts/nest.ts')).startNestOnFastify(shop);
    case 'trpc':
      return await (await import('./hosts/trpc.ts')).startTrpc(shop);
  }
}

async function end(requests: number): Promise<ServerCpu> {
  const answered = cpu();
  await settled();
  const delivered = cpu();
  const expected = setup.tracking === 'tracked' ? requests : 0;
  if (vero) assert.equal(accepted() - acceptedBefore, expected, 'events accepted');
  return { answered, delivered };
}

/** The code of every request has ended; where that can be, its event is delivered, too. */
async function settled(): Promise<void> {
  while (vero && vero.stats().openScopes + vero.stats().deferred > 0) await sleep(1);
  if ((setup.vero ?? 'fast') === 'fast') await (vero?.flush({ timeout: FLUSH_MS }) ?? peer?.flush());
}

function accepted(): number {
  return vero?.stats().accepted ?? 0;
}

/** CPU since now: of this thread, and before Node 23.9 of the process. */
function cpuClock(): () => number {
  const read = (): number => {
    const { user, system } = process.threadCpuUsage ? process.threadCpuUsage() : process.cpuUsage();
    return user + system;
  };
  const from = read();
  return () => read() - from;
}
