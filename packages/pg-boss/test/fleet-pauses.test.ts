import { setTimeout as wait } from 'node:timers/promises';
import type { VeroWorker } from '@verotrack/core/queue';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { LocalFleet } from './local-fleet.ts';

let fleet: LocalFleet;

beforeEach(async () => {
  fleet = await LocalFleet.open();
});

afterEach(() => fleet.close());

const told = (worker: VeroWorker, name: 'paused' | 'retrying'): Promise<void> =>
  new Promise((resolve) => worker.on(name, () => resolve()));

describe('The workers of a fleet', () => {
  it('are all silent for as long as Vero told one of them, and then ask with one event each', async () => {
    const silenceMs = 4_000;
    const { arrivals } = fleet.vero;
    fleet.vero.answer = () => ({ status: 429, headers: { 'retry-after': String(silenceMs / 1_000) } });
    const workers = [fleet.worker(), fleet.worker()];
    // The pause is stored before it is told that the event is tried again.
    const isPaused = Promise.race(workers.map((worker) => told(worker, 'retrying')));
    await fleet.store(1);
    await isPaused;
    const [first] = arrivals.splice(0);
    const probes = new Map<string, boolean>();
    fleet.vero.answer = async (arrival) => {
      const { worker } = arrival;
      // The first of each goes alone; those after it go when it has been answered.
      const before = arrivals.filter((each) => each.worker === worker && each !== arrival);
      if (before.length > 0) {
        probes.set(worker, (probes.get(worker) ?? true) && before[0]?.isAnswered === true);
      }
      await wait(100);
      return { status: 200 };
    };
    await fleet.store(200);
    await expect.poll(() => arrivals.length).toBe(201);
    expect((arrivals[0]?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(silenceMs);
    expect(Object.fromEntries(probes)).toEqual({ 'worker-1': true, 'worker-2': true });
    await expect.poll(() => workers.map((worker) => worker.stats().paused)).toEqual([undefined, undefined]);
  });

  it('go on when the credential of one of them is stale, but for that one', async () => {
    const stale = 'tok_secret_stale';
    fleet.vero.answer = ({ token }) => ({ status: token === stale ? 401 : 200 });
    const old = fleet.worker({ authToken: stale });
    const isPaused = told(old, 'paused');
    await fleet.store(50);
    await isPaused;
    const current = fleet.worker();
    await fleet.store(50);
    await expect.poll(() => current.stats()).toMatchObject({ delivered: 100, pending: 0 });
    expect(old.stats()).toMatchObject({ delivered: 0, rejected: 0, paused: 'unauthorized' });
    expect(current.stats().paused).toBeUndefined();
    await expect.poll(() => fleet.counts()).toEqual({ waiting: 0, taken: 0, deadLetters: 0 });
  });

  it('send no more together than their rate allows', async () => {
    const events = 120;
    const ratePerSecond = 40;
    /** For a tenth of a second what was not used can be used later. */
    const burst = ratePerSecond / 10;
    await fleet.store(events);
    const startedAt = performance.now();
    const workers = [1, 2, 3].map(() => fleet.worker({ on: { ratePerSecond } }));
    const { arrivals } = fleet.vero;
    await expect.poll(() => arrivals.length).toBe(events);
    const tookSeconds = ((arrivals.at(-1)?.at ?? 0) - startedAt) / 1_000;
    expect(tookSeconds).toBeGreaterThanOrEqual((events - burst) / ratePerSecond);
    expect(new Set(arrivals.map(({ worker }) => worker)).size).toBeGreaterThan(1);
    await expect.poll(() => workers.reduce((sum, worker) => sum + worker.stats().delivered, 0)).toBe(events);
  });

  it('are told to ask again when the rate may have room, also when they asked a moment too early', async () => {
    await fleet.store(2);
    const queue = fleet.queue({ ratePerSecond: 1 });
    await expect.poll(() => queue.take(1, 60_000, 'default')).toHaveLength(1);
    expect(await queue.take(1, 60_000, 'default')).toEqual([]);
    const at = (await queue.nextDueAt('default')) ?? 0;
    expect(at).toBeGreaterThan(Date.now());
    vi.spyOn(Date, 'now').mockReturnValue(at);
    onTestFinished(() => void vi.restoreAllMocks());
    expect(await queue.nextDueAt('default')).toBeGreaterThan(at);
  });
});
