import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identity, LocalFleet } from './local-fleet.ts';

let fleet: LocalFleet;
const children: ChildProcess[] = [];

beforeEach(async () => {
  fleet = await LocalFleet.open();
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await fleet.close();
});

interface Script {
  readonly child: ChildProcess;
  /** How it ended, and what it said. */
  readonly ended: Promise<{ readonly code: number | null; readonly said: unknown[] }>;
}

function run(what: 'track and flush' | 'work' | 'replay'): Script {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'script.ts'), what], {
    env: { ...process.env, POSTGRES_URL: fleet.url, VERO_URL: fleet.vero.url, SCHEMA: fleet.schema },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const ended = Promise.all([once(child, 'exit'), text(child.stdout)]).then(([[code], output]) => ({
    code: code as number | null,
    said: output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
  }));
  return { child, ended };
}

describe('A process', () => {
  it('that has nothing left to do ends, although its client is not closed', async () => {
    const { ended } = run('track and flush');
    expect(await ended).toEqual({ code: 0, said: [{ handedOver: 1, pending: 0 }] });
    expect(await fleet.counts()).toEqual({ waiting: 1, taken: 0, deadLetters: 0 });
  });

  it('with a worker stays until the worker is closed', async () => {
    const { child, ended } = run('work');
    // It has nothing to do before each of them.
    for (const delivered of [1, 2]) {
      await fleet.store(1);
      await expect.poll(() => fleet.vero.arrivals.length).toBe(delivered);
      await expect.poll(() => fleet.counts()).toMatchObject({ waiting: 0, taken: 0 });
    }
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, said: [{ delivered: 2, pending: 0 }] });
  });

  it('lists and replays the dead letters of all workers', async () => {
    fleet.vero.answer = () => ({ status: 422, message: 'no such plan' });
    const client = fleet.client();
    client.track('order_placed', { identity });
    client.track('refunded', { identity });
    await client.flush();
    const worker = fleet.worker();
    await expect.poll(() => worker.stats().rejected).toBe(2);
    fleet.vero.answer = () => ({ status: 200 });
    const reason = expect.stringMatching(/^Vero answered 422: .*no such plan/);
    const { code, said } = await run('replay').ended;
    expect({ code, replayed: said[1] }).toEqual({ code: 0, replayed: { replayed: 1 } });
    expect(said[0]).toHaveLength(2);
    expect(said[0]).toEqual(
      expect.arrayContaining([
        { name: 'order_placed', reason },
        { name: 'refunded', reason },
      ]),
    );
    await expect.poll(() => worker.stats().delivered).toBe(1);
    expect(fleet.vero.arrivals.at(-1)?.name).toBe('order_placed');
    expect(await fleet.counts()).toEqual({ waiting: 0, taken: 0, deadLetters: 1 });
  });
});
