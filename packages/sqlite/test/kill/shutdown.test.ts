import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createVero, type Vero, type VeroOptions } from '@verotrack/core';
import { contractRecord } from '@verotrack/core/queue-contract';
import { type Inspector, startInspector } from '@verotrack/inspector';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sqliteQueue } from '../../src/index.ts';
import { Harness } from './harness.ts';

const NOTHING = { delivered: 0, rejected: 0, dropped: 0, handedOver: 0, pending: 0 };
const event = { identity: { id: '42', email: 'jane@example.com' } };

let harness: Harness | undefined;
let folder = '';
let inspector: Inspector;
const clients: Vero[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'verotrack-shutdown-'));
  inspector = await startInspector();
});
afterEach(async () => {
  await harness?.close();
  harness = undefined;
  for (const vero of clients.splice(0)) await vero.close({ timeout: 0 });
  await inspector.close();
  rmSync(folder, { recursive: true, force: true });
});

const path = (): string => join(folder, 'vero.db');

function client(options: VeroOptions = {}): Vero {
  const queue = sqliteQueue({ path: path() });
  const vero = createVero({
    authToken: 'tok_secret_of_a_test',
    baseUrl: inspector.url,
    queue,
    logger: () => {},
    ...options,
  });
  clients.push(vero);
  return vero;
}

/** Has an earlier run leave events in the file. */
async function leave(count: number): Promise<void> {
  const queue = sqliteQueue({ path: path() });
  queue.put(Array.from({ length: count }, (_, n) => contractRecord(`left-${n}`)));
  await queue.close();
}

describe('a rollout under load', () => {
  it('loses nothing, and sends nothing twice', { timeout: 120_000 }, async () => {
    harness = await Harness.open({ closeMs: 5_000 });
    await harness.start();
    for (let i = 0; i < 4; i++) {
      const { answered } = harness;
      await harness.until(() => harness!.answered > answered + 100);
      const { code, result } = await harness.rollOut();
      expect(code).toBe(0);
      expect(result).toMatchObject({ rejected: 0, dropped: 0, pending: 0 });
    }
    await harness.drain();
    const books = harness.books();
    console.log(`rollout: ${JSON.stringify(books)}`);
    expect(books).toMatchObject({
      delivered: books.accepted,
      lost: 0,
      invented: 0,
      duplicated: 0,
      problems: [],
    });
  });

  it('with Vero hanging leaves everything to the next start', { timeout: 120_000 }, async () => {
    harness = await Harness.open({ closeMs: 300 });
    await harness.vero.become('hanging');
    for (let i = 0; i < 3; i++) {
      await harness.start();
      const { answered } = harness;
      await harness.until(() => harness!.answered > answered + 100);
      const { code, result } = await harness.terminate();
      expect(code).toBe(0);
      expect(result).toMatchObject({ delivered: 0, rejected: 0, dropped: 0, pending: 0 });
      // All that `track` was told of, and what earlier starts took over.
      expect(result?.handedOver).toBeGreaterThan(100);
    }
    expect(harness.vero.deliveries).toEqual([]);
    await harness.drain();
    const books = harness.books();
    expect(books).toMatchObject({
      delivered: books.accepted,
      lost: 0,
      invented: 0,
      duplicated: 0,
      problems: [],
    });
    expect(await harness.left()).toEqual({ waiting: 0, deadLetters: 0 });
  });
});

describe('close', () => {
  it('before the first event is over at once, and leaves an empty file', async () => {
    const vero = client();
    expect(await vero.close()).toMatchObject(NOTHING);
    const next = client();
    expect(await next.flush()).toMatchObject(NOTHING);
    expect(next.stats()).toMatchObject({ accepted: 0, taken: 0 });
  });

  it('may be called with flush at once, and twice', async () => {
    const vero = client();
    for (let i = 0; i < 20; i++) vero.track('n', event);
    const [flushed, closed, again, late] = await Promise.all([
      vero.flush(),
      vero.close(),
      vero.close(),
      vero.flush(),
    ]);
    for (const each of [flushed, closed, again, late]) {
      expect(each).toMatchObject({ ...NOTHING, delivered: 20 });
    }
    expect(inspector.events()).toHaveLength(20);
    expect(await vero.flush()).toMatchObject(NOTHING);
  });

  it('at its timeout hands over what is in flight and what waits, and the next start delivers it', async () => {
    const mend = inspector.fail('hang');
    const vero = client({ delivery: { concurrency: 4 } });
    for (let i = 0; i < 10; i++) vero.track('n', event);
    expect(await vero.close({ timeout: 100 })).toMatchObject({ ...NOTHING, handedOver: 10 });
    mend();
    const next = client();
    await inspector.waitForEvents(10);
    await next.close();
    expect(next.stats()).toMatchObject({ accepted: 0, taken: 10 });
    expect(inspector.events()).toHaveLength(10);
  });

  it('just after the start waits for what an earlier run left', async () => {
    await leave(3);
    expect(await client().close()).toMatchObject({ ...NOTHING, delivered: 3 });
    expect(inspector.events()).toHaveLength(3);
  });

  it('refuses what comes after, which is not in the file either', async () => {
    const vero = client();
    await vero.close();
    vero.track('late', event);
    expect(vero.stats()).toMatchObject({ accepted: 1, dropped: 1, pending: 0 });
    await client().close();
    expect(inspector.events()).toEqual([]);
  });

  it('waits for open work, and for the callbacks of work that ended', async () => {
    const vero = client();
    let finish = (): void => {};
    const work = vero.run(event, async () => {
      vero.trackOnSuccess('done', {});
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    const closed = vero.close();
    vero.track('meanwhile', event);
    finish();
    await work;
    expect(await closed).toMatchObject({ ...NOTHING, delivered: 2 });
    expect(inspector.events().map(({ name }) => name)).toEqual(expect.arrayContaining(['done', 'meanwhile']));
  });

  it('of one client leaves the queue to another that shares it', async () => {
    const queue = sqliteQueue({ path: path() });
    const [one, two] = [client({ queue }), client({ queue })];
    await one.close();
    two.track('n', event);
    expect(await two.close()).toMatchObject({ ...NOTHING, delivered: 1 });
  });
});

describe('flush', () => {
  it('just after the start waits for everything that an earlier run left', async () => {
    await leave(40);
    const vero = client({ delivery: { concurrency: 1 } });
    expect(await vero.flush()).toMatchObject({ ...NOTHING, delivered: 40 });
    expect(vero.stats()).toMatchObject({ accepted: 0, taken: 40, pending: 0 });
    expect(inspector.events()).toHaveLength(40);
  });

  it('just after the start waits for it though the file is locked', async () => {
    await leave(5);
    const vero = client();
    const other = new DatabaseSync(path());
    other.exec('BEGIN IMMEDIATE');
    vero.track('spilled', event);
    const flushed = vero.flush();
    await inspector.waitForEvent('spilled');
    other.close();
    expect(await flushed).toMatchObject({ ...NOTHING, delivered: 6 });
  });

  it('waits for what is tracked meanwhile', async () => {
    const vero = client();
    let isFirst = true;
    vero.on('delivered', () => {
      if (isFirst) vero.track('second', event);
      isFirst = false;
    });
    vero.track('first', event);
    expect(await vero.flush()).toMatchObject({ ...NOTHING, delivered: 2 });
  });
});

describe('a script with a queue on disk', () => {
  it('ends by itself when it closes, with nothing left open', async () => {
    const { said } = await run('close', inspector.url);
    expect(said).toMatchObject([{ ...NOTHING, delivered: 1 }, []]);
  });

  it('ends by itself when Vero is not there, and the next one delivers', async () => {
    const { said } = await run('close', await nobodyThere());
    expect(said).toMatchObject([{ ...NOTHING, handedOver: 1 }, []]);
    await expectNextDelivers();
  });

  it('is told what became of its events though the file is locked when it closes', async () => {
    inspector.fail('hang');
    const { code, said } = await run('close, with the file locked', inspector.url);
    expect([code, said]).toMatchObject([0, [{ ...NOTHING, handedOver: 1 }]]);
  });

  it('ends by itself when it never closes, and the next one delivers what it could not', async () => {
    expect(await run('nothing', await nobodyThere())).toMatchObject({ code: 0, signal: null });
    await expectNextDelivers();
  });

  it('loses nothing when it exits just after track', async () => {
    expect(await run('exit', inspector.url)).toMatchObject({ code: 0, signal: null });
    await expectNextDelivers();
  });

  it('loses nothing when it throws just after track', async () => {
    expect(await run('throw', inspector.url)).toMatchObject({ code: 1, signal: null });
    await expectNextDelivers();
  });
});

async function expectNextDelivers(): Promise<void> {
  expect(inspector.events()).toEqual([]);
  expect((await run('deliver what was left', inspector.url)).said[0]).toMatchObject({ pending: 0 });
  expect(inspector.events().map(({ name }) => name)).toEqual(['script_ran']);
}

/** Runs a script until it ends by itself, and gives what it said. */
async function run(
  ending: string,
  url: string,
): Promise<{ said: unknown[]; code: number | null; signal: string | null }> {
  const script = spawn(process.execPath, [join(import.meta.dirname, 'script.ts'), ending, path()], {
    env: { ...process.env, VERO_BASE_URL: url, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  let text = '';
  script.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  const [code, signal] = (await once(script, 'close')) as [number | null, string | null];
  const said = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);
  return { said, code, signal };
}

async function nobodyThere(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}
