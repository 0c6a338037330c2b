import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createVero } from '@verotrack/core';
import { contractRecord } from '@verotrack/core/queue-contract';
import { startInspector } from '@verotrack/inspector';
import { describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../src/database.ts';
import { EventTable } from '../src/event-table.ts';
import { type SqliteQueueOptions, sqliteQueue } from '../src/index.ts';
import { newOwner } from '../src/owners.ts';
import { folder, idsOf, newPath, open, put, take } from './queues.ts';

const TOKEN = 'tok_secret_of_sqlite';

describe('the file', () => {
  it('has an event when put returns, for whoever opens it next', async () => {
    const path = newPath();
    const queue = open(path);
    put(queue, 'a', 'b');
    // Not closed: as if the process had been killed.
    expect(await take(open(path))).toEqual(['a', 'b']);
  });

  it('keeps dead letters and pauses, too', async () => {
    const path = newPath();
    const queue = open(path);
    put(queue, 'a', 'b');
    await queue.take(1, 60_000, 'default');
    await queue.dead('a', 'Vero answered 400');
    await queue.pauseUntil(Date.now() + 60_000, 'default');
    await queue.close();
    const again = open(path);
    expect(again.deadLetters.list()).toMatchObject([{ record: { id: 'a' }, reason: 'Vero answered 400' }]);
    expect(await take(again)).toEqual([]);
    expect(again.nextDueAt('default')).toBeGreaterThan(Date.now() + 50_000);
    expect(await again.take(5, 60_000, 'other')).toEqual([]);
  });

  it('has no credential in it', async () => {
    const path = newPath();
    const inspector = await startInspector({ authToken: TOKEN });
    inspector.fail({ status: 503 });
    const vero = createVero({ authToken: TOKEN, baseUrl: inspector.url, queue: open(path) });
    vero.on('retrying', () => {});
    for (let n = 0; n < 20; n++) vero.track('n', { identity: { id: '1' } });
    await vero.flush({ timeout: 100 });
    const files = readdirSync(folder)
      .map((name) => join(folder, name))
      .filter((name) => name.startsWith(path));
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect(readFileSync(file).includes('tok_secret_')).toBe(false);
    await vero.close({ timeout: 0 });
    await inspector.close();
  });

  it.each<[string, (path: string) => void | Promise<void>, RegExp]>([
    [
      'is no database',
      (path) => writeFileSync(path, 'The diary of a newcomer, page one.'.repeat(10)),
      /is no SQLite database/,
    ],
    [
      "is another application's",
      (path) => {
        const database = new DatabaseSync(path);
        database.exec('CREATE TABLE diary (page TEXT); PRAGMA user_version = 1;');
        database.close();
      },
      /belongs to another application/,
    ],
    [
      'was made by a newer version',
      async (path) => {
        await sqliteQueue({ path }).close();
        const database = new DatabaseSync(path);
        database.exec('PRAGMA user_version = 99');
        database.close();
      },
      /was made by a newer version \(its format is 99/,
    ],
    [
      'is damaged',
      async (path) => {
        const queue = sqliteQueue({ path });
        for (let n = 0; n < 200; n++) queue.put([contractRecord(`r${n}`)]);
        await queue.close();
        const bytes = readFileSync(path);
        bytes.fill(0xff, 4096 * 2, bytes.length - 4096);
        writeFileSync(path, bytes);
      },
      /is damaged|could not be opened/,
    ],
    [
      'has a column whose name was damaged',
      async (path) => {
        await sqliteQueue({ path }).close();
        const bytes = readFileSync(path);
        bytes[bytes.indexOf('reason TEXT')] = 0xff;
        writeFileSync(path, bytes);
      },
      /is damaged \(its schema has no dead_letters\.reason TEXT not null\)/,
    ],
  ])('that %s is refused with a clear error, and kept as it was', async (_what, make, expected) => {
    const path = newPath();
    await make(path);
    const before = readFileSync(path);
    expect(() => sqliteQueue({ path })).toThrow(expected);
    expect(() => sqliteQueue({ path })).toThrow(expect.objectContaining({ code: 'VERO_QUEUE' }));
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('in a folder that there is not is refused with its path', async () => {
    const path = join(folder, 'nowhere', 'queue.db');
    expect(() => sqliteQueue({ path })).toThrow(new RegExp(`the file ${path} could not be opened`));
  });

  it('has what cannot be sent moved to the dead letters, and told', async () => {
    const path = newPath();
    const queue = open(path);
    put(queue, 'good', 'bad', 'worse', 'secret', 'other');
    const database = new DatabaseSync(path);
    database.exec(`UPDATE events SET body = '{"event_name":' WHERE id = 'bad';
      UPDATE events SET body = '[]' WHERE id = 'worse';
      UPDATE events SET body = '{"event_name":"n","identity":{"id":"1"},"auth_token":"x"}' WHERE id = 'secret';
      UPDATE events SET name = 'm' WHERE id = 'other';`);
    database.close();
    const told: string[] = [];
    queue.onProblem(({ message }) => void told.push(message));
    expect(await take(queue)).toEqual(['good']);
    expect(told).toHaveLength(4);
    expect(queue.deadLetters.list().map(({ record, reason }) => [record.id, reason])).toEqual([
      ['bad', 'damaged: its body is not JSON'],
      ['worse', 'damaged: its body is of another event'],
      ['secret', 'damaged: its body has a credential in it'],
      ['other', 'damaged: its body is of another event'],
    ]);
  });
});

describe('a queue that is full', () => {
  it('drops the newest', async () => {
    const queue = open(newPath(), { capacity: 2 });
    expect(put(queue, 'a', 'b', 'c')).toEqual(['c']);
    await take(queue, 1);
    await queue.ack(['a']);
    expect(put(queue, 'd', 'e')).toEqual(['e']);
    expect(await take(queue)).toEqual(['b', 'd']);
  });

  it('drops the oldest if told to, but nothing that is taken', async () => {
    const queue = open(newPath(), { capacity: 2, overflow: 'drop-oldest' });
    put(queue, 'a', 'b');
    await take(queue, 1);
    expect(put(queue, 'c')).toEqual(['b']);
    await take(queue, 1);
    expect(put(queue, 'd')).toEqual(['d']);
  });

  it('is full by its bytes, too', async () => {
    const queue = open(newPath(), { maxBytes: 200_000 });
    const body = JSON.stringify({
      event_name: 'n',
      identity: { id: '1' },
      data: { text: 'x'.repeat(50_000) },
    });
    const dropped = Array.from({ length: 10 }, (_, n) =>
      queue.put([contractRecord(`r${n}`, { body })]),
    ).flat();
    expect(dropped.length).toBeGreaterThan(4);
    expect(dropped.length).toBeLessThan(10);
    for (const id of await take(queue)) await queue.ack([id]);
    expect(queue.put([contractRecord('again', { body })])).toEqual([]);
  });

  it('is not counted anew for each event that has no room, and has room as soon as one has left', async () => {
    const database = openDatabase({ path: newPath(), synchronous: 'normal', onMended: () => {} });
    const counted = vi.fn();
    const prepare = database.prepare.bind(database);
    vi.spyOn(database, 'prepare').mockImplementation((sql) => {
      const statement = prepare(sql);
      if (!/COUNT\(\*\) AS count/.test(sql)) return statement;
      const get = statement.get.bind(statement);
      vi.spyOn(statement, 'get').mockImplementation((...args) => {
        counted();
        return get(...args);
      });
      return statement;
    });
    const options = { capacity: 3, maxBytes: 1024 ** 2, overflow: 'drop-newest' } as const;
    const events = new EventTable(database, options, newOwner());
    const putOne = (id: string): number => events.put([contractRecord(id)]).length;
    expect(['a', 'b', 'c'].map(putOne)).toEqual([0, 0, 0]);
    expect(['d', 'e', 'f', 'g'].map(putOne)).toEqual([1, 1, 1, 1]);
    expect(counted).toHaveBeenCalledTimes(1);
    events.remove('a');
    expect(['h', 'i'].map(putOne)).toEqual([0, 1]);
    database.close();
  });

  it('replays no dead letter for which there is no room, and keeps the last so many', async () => {
    const queue = open(newPath(), { capacity: 3, deadLetterCapacity: 2 });
    put(queue, 'a', 'b', 'c');
    await take(queue);
    for (const id of ['a', 'b', 'c']) await queue.dead(id, 'no');
    expect(idsOf(queue.deadLetters.list().map(({ record }) => record))).toEqual(['b', 'c']);
    put(queue, 'd', 'e');
    expect(await queue.deadLetters.replay()).toEqual({ replayed: 1 });
    expect(idsOf(queue.deadLetters.list().map(({ record }) => record))).toEqual(['c']);
  });
});

describe('the client over it', () => {
  it('delivers at its start what an earlier run left, and says whose it was', async () => {
    const path = newPath();
    const first = createVero({
      authToken: TOKEN,
      baseUrl: 'http://127.0.0.1:9',
      queue: sqliteQueue({ path }),
    });
    first.on('paused', () => {});
    first.track('left', { identity: { id: '42' } });
    expect(await first.close({ timeout: 50 })).toMatchObject({ handedOver: 1, dropped: 0, pending: 0 });
    const inspector = await startInspector();
    const second = createVero({ authToken: TOKEN, baseUrl: inspector.url, queue: sqliteQueue({ path }) });
    await inspector.waitForEvent('left');
    await second.flush();
    expect(second.stats()).toMatchObject({ accepted: 0, taken: 1, delivered: 1, pending: 0 });
    await second.close();
    await inspector.close();
  });

  it('hands over what another process delivers', async () => {
    const path = newPath();
    const inspector = await startInspector();
    const idle = createVero({
      authToken: TOKEN,
      baseUrl: 'http://127.0.0.1:9',
      queue: sqliteQueue({ path }),
      delivery: { concurrency: 1 },
    });
    idle.on('paused', () => {});
    for (let n = 0; n < 50; n++) idle.track('shared', { identity: { id: '42' }, data: { n } });
    const busy = createVero({ authToken: TOKEN, baseUrl: inspector.url, queue: sqliteQueue({ path }) });
    await inspector.waitForEvents(45, { timeoutMs: 20_000 });
    await busy.close();
    const { handedOver, dropped } = await idle.close({ timeout: 5_000 });
    expect(dropped).toBe(0);
    expect(handedOver).toBe(50 - idle.stats().delivered);
    await inspector.close();
    const rest = open(path);
    expect(inspector.events().length + rest.counts().waiting).toBe(50);
  });
});

describe('bad options are refused', () => {
  it.each<[string, object, RegExp]>([
    ['no path', {}, /option "path" is missing/],
    ['memory', { path: ':memory:' }, /"path" must be a file; for memory use memoryQueue\(\)/],
    ['a path that is no text', { path: 7 }, /"path" must be a string/],
    ['a misspelt option', { path: 'x', capasity: 1 }, /unknown option "capasity". Did you mean "capacity"/],
    [
      'a wrong overflow',
      { path: 'x', overflow: 'drop' },
      /"overflow" must be 'drop-newest' or 'drop-oldest'/,
    ],
    ['a wrong synchronous', { path: 'x', synchronous: 'off' }, /"synchronous" must be 'normal' or 'full'/],
  ])('%s', (_what, options, expected) => {
    expect(() => sqliteQueue(options as SqliteQueueOptions)).toThrow(expected);
    expect(existsSync('x')).toBe(false);
  });
});
