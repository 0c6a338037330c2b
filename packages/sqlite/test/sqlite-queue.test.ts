import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createVero, type QueueRecord } from '@verotrack/core';
import { contractRecord } from '@verotrack/core/queue-contract';
import { startInspector } from '@verotrack/inspector';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../src/database.ts';
import { EventTable } from '../src/event-table.ts';
import { type SqliteQueue, type SqliteQueueOptions, sqliteQueue } from '../src/index.ts';
import { newOwner } from '../src/owners.ts';

const TOKEN = 'tok_secret_of_sqlite';
const folder = mkdtempSync(join(tmpdir(), 'verotrack-sqlite-'));
const opened: SqliteQueue[] = [];
let made = 0;

afterEach(async () => {
  for (const queue of opened.splice(0)) await queue.close();
  vi.restoreAllMocks();
});
afterAll(() => rmSync(folder, { recursive: true }));

const newPath = (): string => join(folder, `queue-${made++}.db`);

function open(path: string = newPath(), options: Partial<SqliteQueueOptions> = {}): SqliteQueue {
  const queue = sqliteQueue({ path, ...options });
  opened.push(queue);
  return queue;
}

const idsOf = (records: readonly QueueRecord[]): string[] => records.map(({ id }) => id);
const put = (queue: SqliteQueue, ...ids: readonly string[]): string[] =>
  idsOf(queue.put(ids.map((id) => contractRecord(id))));
const take = async (queue: SqliteQueue, n = 100): Promise<string[]> =>
  idsOf(await queue.take(n, 60_000, 'default'));

/** What lies beside the file. */
const spillsOf = (path: string): string[] =>
  readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((name) => name.startsWith(`${path}-spill-`));

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
  ])('that %s is refused with a clear error, and left as it was', async (_what, make, expected) => {
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
    const database = openDatabase({ path: newPath(), synchronous: 'normal' });
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

describe('a file that another process has locked', () => {
  const lock = (path: string): DatabaseSync => {
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    return other;
  };

  it('is waited for a moment only; events go beside it, are told of, delivered, and put into it afterwards', async () => {
    const path = newPath();
    const queue = open(path);
    put(queue, 'before');
    const told: Error[] = [];
    queue.onProblem((error) => void told.push(error));
    const other = lock(path);
    expect(put(queue, 'a')).toEqual([]);
    expect(put(queue, 'b', 'c')).toEqual([]);
    // The second was not tried again: no request waits for what the last one waited for in vain.
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      code: 'VERO_QUEUE',
      message: expect.stringMatching(/wait beside it: database is locked/),
    });
    expect(queue.counts()).toMatchObject({ waiting: 4, spilled: 3 });
    expect(queue.nextDueAt('default')).toBeLessThanOrEqual(Date.now());
    expect(queue.missing(['a', 'before', 'x'])).toEqual(['x']);
    expect(await take(queue)).toEqual(['a', 'b', 'c']);
    // The rest is in the file: whoever asks has it when the file is free.
    const rest = take(queue);
    other.exec('ROLLBACK');
    other.close();
    expect(await rest).toEqual(['before']);
  });

  it('holds nothing up but a moment of track: what else is asked for is done when it is free', async () => {
    const path = newPath();
    const queue = open(path);
    put(queue, 'a', 'b', 'c', 'd');
    await take(queue, 3);
    await queue.dead('c', 'no');
    const other = lock(path);
    const asked = [
      queue.ack(['a']),
      queue.retry('b', 0, true),
      queue.dead('d', 'no'),
      queue.pauseUntil(1, 'default'),
      queue.deadLetters.replay(),
    ];
    for (const each of asked) expect(each).toBeInstanceOf(Promise);
    other.exec('ROLLBACK');
    other.close();
    await Promise.all(asked);
    expect((await take(queue)).toSorted()).toEqual(['b', 'c']);
    expect(queue.deadLetters.list()).toMatchObject([{ record: { id: 'd' } }]);
  });

  it('has everything when it is free again', async () => {
    const path = newPath();
    const queue = open(path);
    const other = lock(path);
    put(queue, 'a', 'b', 'c');
    expect(await take(queue, 1)).toEqual(['a']);
    await queue.retry('a', Date.now() + 60_000, true);
    expect(await take(queue, 1)).toEqual(['b']);
    await queue.ack(['b']);
    other.exec('ROLLBACK');
    other.close();
    expect(await take(queue)).toEqual(['c']);
    expect(queue.counts()).toMatchObject({ waiting: 2, spilled: 0 });
    await queue.close();
    const again = new DatabaseSync(path);
    expect(again.prepare('SELECT id, attempts FROM events ORDER BY id').all()).toMatchObject([
      { id: 'a', attempts: 1 },
      { id: 'c', attempts: 0 },
    ]);
    again.close();
  });

  it('has what waited beside it soon after it is free, though nobody asks for it', async () => {
    const path = newPath();
    const queue = open(path);
    const other = lock(path);
    put(queue, 'a', 'b');
    expect(queue.counts()).toMatchObject({ waiting: 2, spilled: 2 });
    other.exec('ROLLBACK');
    other.close();
    await expect.poll(() => queue.counts()).toMatchObject({ waiting: 2, spilled: 0 });
    // From now on events go there at once.
    put(queue, 'c');
    expect(queue.counts()).toMatchObject({ waiting: 3, spilled: 0 });
  });

  it('leaves beside it, and drops nothing for it, what it has no room for', async () => {
    const path = newPath();
    const queue = open(path, { capacity: 2, overflow: 'drop-oldest' });
    put(queue, 'a', 'b');
    const other = lock(path);
    put(queue, 'c');
    other.exec('ROLLBACK');
    other.close();
    expect((await take(queue)).toSorted()).toEqual(['a', 'b', 'c']);
    expect(queue.counts()).toMatchObject({ waiting: 3, spilled: 1 });
    await queue.close();
    const more = open(path, { capacity: 3 });
    await take(more);
    expect(more.counts()).toMatchObject({ waiting: 3, spilled: 0 });
    expect(spillsOf(path)).toEqual([]);
  });

  it('is not given what Vero asked to keep back', async () => {
    const path = newPath();
    const queue = open(path);
    await queue.pauseUntil(Date.now() + 60_000, 'default');
    const other = lock(path);
    put(queue, 'a');
    expect(await take(queue)).toEqual([]);
    other.close();
  });

  it('is replayed into once, however often that is asked for meanwhile', async () => {
    const path = newPath();
    const queue = open(path);
    put(queue, 'a', 'b');
    for (const id of await take(queue)) await queue.dead(id, 'no');
    const other = lock(path);
    const asked = [queue.deadLetters.replay(), queue.deadLetters.replay()];
    other.close();
    const replayed = (await Promise.all(asked)).map((result) => result.replayed);
    expect(replayed.toSorted()).toEqual([0, 2]);
    expect(await take(queue)).toEqual(['a', 'b']);
  });

  it('drops what has no place beside it either', async () => {
    const path = newPath();
    const queue = open(path, { spillCapacity: 2 });
    const other = lock(path);
    expect(put(queue, 'a', 'b', 'c')).toEqual(['c']);
    other.exec('ROLLBACK');
    other.close();
  });

  it('has removed, later, what was delivered meanwhile, and never gives it again', async () => {
    const path = newPath();
    const queue = open(path);
    put(queue, 'a', 'b');
    expect(await queue.take(1, 1, 'default')).toHaveLength(1);
    const other = lock(path);
    await queue.ack(['a']);
    other.exec('ROLLBACK');
    other.close();
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now + 1_000);
    expect(await take(queue)).toEqual(['b']);
    expect(queue.counts()).toMatchObject({ waiting: 1 });
  });
});

describe('a disk that is full', () => {
  it('has events wait elsewhere, tells so, and the host goes on', async () => {
    const path = newPath();
    const script = `
      import { sqliteQueue } from ${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))};
      import { contractRecord } from ${JSON.stringify(join(import.meta.dirname, '../../core/src/queue-contract.ts'))};
      const queue = sqliteQueue({ path: ${JSON.stringify(path)}, spillCapacity: 20 });
      const told = [];
      queue.onProblem((error) => told.push(error.message));
      const body = JSON.stringify({ event_name: 'n', identity: { id: '1' }, data: { text: 'x'.repeat(20_000) } });
      const dropped = [];
      for (let n = 0; n < 60; n += 2) {
        dropped.push(...queue.put([contractRecord('r' + n, { body }), contractRecord('s' + n, { body })]));
      }
      const { waiting, spilled } = queue.counts();
      const taken = (await queue.take(5, 60_000, 'default')).map(({ id }) => id);
      const lost = await queue.close().catch(({ message }) => message);
      console.log(JSON.stringify({ told, dropped: dropped.length, waiting, spilled, taken, lost }));`;
    // The file may have 200 blocks of 512 or 1,024 bytes: what comes after, the system refuses to write.
    const { stdout } = spawnSync(
      'sh',
      [
        '-c',
        `trap '' XFSZ; ulimit -f 400; exec "$0" --input-type=module --eval "$1"`,
        process.execPath,
        script,
      ],
      { encoding: 'utf8' },
    );
    const { told, dropped, waiting, spilled, taken, lost } = JSON.parse(stdout);
    expect(told[0]).toMatch(
      /^The file takes no events, so they wait beside it: (disk I\/O error|database or disk is full)/,
    );
    expect(spilled).toBe(20);
    expect(waiting).toBeGreaterThan(20);
    // Everything is somewhere, or told to be dropped.
    expect(waiting + dropped).toBe(60);
    expect(taken).toHaveLength(5);
    // The file beside it is full, too.
    expect(lost).toMatch(/^The file took no events: \d+ that waited in memory are lost$/);
  });
});

/** Runs it in a process of its own, which ends as if it had been killed. */
function dieAfter(path: string, work: string): void {
  const script = `
    import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
    import { basename, dirname, join } from 'node:path';
    import { DatabaseSync } from 'node:sqlite';
    import { sqliteQueue } from ${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))};
    import { contractRecord } from ${JSON.stringify(join(import.meta.dirname, '../../core/src/queue-contract.ts'))};
    const path = ${JSON.stringify(path)};
    const queue = sqliteQueue({ path });
    const lock = () => {
      const other = new DatabaseSync(path);
      other.exec('BEGIN IMMEDIATE');
      return other;
    };
    ${work}
    process.kill(process.pid, 'SIGKILL');`;
  const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  expect([signal, stderr.replace(/.*(ExperimentalWarning|--trace-warnings).*\n/g, '')]).toEqual([
    'SIGKILL',
    '',
  ]);
}

describe('a process that died', () => {
  const takeOne = `
    queue.put([contractRecord('a'), contractRecord('b')]);
    await queue.take(1, 3_600_000, 'default');`;

  it('has its leases back as soon as the file is opened again', async () => {
    const path = newPath();
    dieAfter(path, takeOne);
    expect(await take(open(path))).toEqual(['a', 'b']);
  });

  it('has its leases given to another that lives, without anybody opening the file', async () => {
    const path = newPath();
    const queue = open(path);
    expect(await take(queue)).toEqual([]);
    dieAfter(path, takeOne);
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now + 3_000);
    expect(await take(queue)).toEqual(['a', 'b']);
  });

  it('keeps them while it lives', async () => {
    const path = newPath();
    const queue = open(path);
    put(queue, 'a');
    await take(queue);
    expect(await take(open(path))).toEqual([]);
  });

  it('while the file was locked has lost nothing, and has sent again nothing that was delivered', async () => {
    const path = newPath();
    dieAfter(
      path,
      `lock();
      queue.put(['a', 'b', 'c'].map((id) => contractRecord(id)));
      if ((await queue.take(1, 60_000, 'default'))[0].id !== 'a') throw new Error('not the first');
      await queue.ack(['a']);`,
    );
    expect(spillsOf(path)).toHaveLength(1);
    const queue = open(path);
    expect(await take(queue)).toEqual(['b', 'c']);
    expect(queue.counts()).toMatchObject({ waiting: 2, spilled: 0 });
    expect(spillsOf(path)).toEqual([]);
  });

  it('while it wrote beside the file has lost only what it had not accepted yet', async () => {
    const path = newPath();
    dieAfter(path, `lock(); queue.put(['a', 'b'].map((id) => contractRecord(id)));`);
    const [spill = ''] = spillsOf(path);
    const text = readFileSync(spill, 'utf8');
    writeFileSync(spill, text.slice(0, -10));
    expect(await take(open(path))).toEqual(['a']);
  });

  it('leaves nothing beside the file when the file had taken it all', async () => {
    const path = newPath();
    dieAfter(
      path,
      `const other = lock();
      queue.put([contractRecord('a')]);
      other.close();
      while (queue.counts().spilled > 0) await new Promise(setImmediate);`,
    );
    expect(spillsOf(path)).toEqual([]);
    expect(await take(open(path))).toEqual(['a']);
  });
});

describe('what a process left beside the file', () => {
  const line = (id: string): string => JSON.stringify({ put: contractRecord(id) });
  const leave = (path: string, owner: string, ...lines: readonly string[]): string => {
    const spill = `${path}-spill-${owner}`;
    writeFileSync(spill, lines.join('\n'));
    return spill;
  };
  const grow = (spill: string): void => {
    const longAgo = new Date(Date.now() - 6 * 60_000);
    utimesSync(spill, longAgo, longAgo);
  };
  const later = (ms: number): void => {
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now + ms);
  };
  /** A process of this machine that lives, and is not the one that wrote it. */
  const reused = [encodeURIComponent(hostname()), process.ppid, 1, 'x'].join('+');

  it('is left alone when it is of a process, machine or container that may live', async () => {
    const path = newPath();
    const spills = [leave(path, 'elsewhere+1+1+x', line('a')), leave(path, reused, line('b'))];
    expect(await take(open(path))).toEqual([]);
    for (const spill of spills) expect(existsSync(spill)).toBe(true);
  });

  it('is taken over from whoever has not touched it for long, also by a queue that was open before', async () => {
    const path = newPath();
    const queue = open(path);
    expect(await take(queue)).toEqual([]);
    const spills = [leave(path, 'elsewhere+1+1+x', line('a'), line('b')), leave(path, reused, line('c'))];
    for (const spill of spills) grow(spill);
    later(11_000);
    expect((await take(queue)).toSorted()).toEqual(['a', 'b', 'c']);
    expect(spillsOf(path)).toEqual([]);
  });

  it('of a process that died is taken over by another that lives', async () => {
    const path = newPath();
    const queue = open(path);
    expect(await take(queue)).toEqual([]);
    dieAfter(path, `lock(); queue.put([contractRecord('a')]);`);
    later(11_000);
    expect(await take(queue)).toEqual(['a']);
  });

  it('does not come twice when the process died just after it had put it into the file', async () => {
    const path = newPath();
    dieAfter(
      path,
      `const other = lock();
      queue.put([contractRecord('a')]);
      const [spill] = readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path) + '-spill-'));
      const text = readFileSync(join(dirname(path), spill));
      other.close();
      while (queue.counts().spilled > 0) await new Promise(setImmediate);
      // As if it had not come to this any more.
      writeFileSync(join(dirname(path), spill), text);`,
    );
    expect(spillsOf(path)).toHaveLength(1);
    const queue = open(path);
    expect(await take(queue)).toEqual(['a']);
    await queue.ack(['a']);
    expect(queue.counts()).toMatchObject({ waiting: 0, spilled: 0 });
    expect(spillsOf(path)).toEqual([]);
  });

  it('stays, and is told, when it can not be read, and the others are taken over', async () => {
    const path = newPath();
    const gone = ['%left+1', '%left+2', '%left+3'].map((owner) => `${path}-spill-${owner}`);
    mkdirSync(gone[0]!);
    leave(path, '%left+2', line('b'), 'half a li');
    leave(path, '%left+3', line('c'));
    const queue = open(path);
    expect((await take(queue)).toSorted()).toEqual(['b', 'c']);
    const told: string[] = [];
    // Whoever listens later is told, too.
    queue.onProblem(({ message }) => void told.push(message));
    expect(told).toEqual([
      expect.stringMatching(/can't be read: EISDIR/),
      expect.stringMatching(/1 lines can't be read; they are kept in .*-unreadable-/),
    ]);
    expect(spillsOf(path)).toEqual([gone[0]]);
    expect(readFileSync(`${path}-unreadable-%left+2`, 'utf8')).toContain('half a li');
    rmSync(gone[0]!, { recursive: true });
  });

  it('is where the file is, wherever the process has gone, and whatever leads there', async () => {
    const path = newPath();
    symlinkSync(path, `${path}.link`);
    dieAfter(
      path,
      `process.chdir(dirname(path));
      const relative = sqliteQueue({ path: basename(path) + '.link' });
      process.chdir('/');
      lock();
      relative.put([contractRecord('a')]);`,
    );
    expect(await take(open(path))).toEqual(['a']);
  });
});

describe('what was delivered while the file was locked', () => {
  it('is not sent again by the next run, when it could not be removed until the end', async () => {
    const path = newPath();
    const queue = open(path);
    put(queue, 'a', 'b');
    await take(queue, 1);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const done = queue.ack(['a']);
    await queue.close();
    await done;
    other.close();
    const next = open(path);
    const now = Date.now();
    // After the end of the lease.
    vi.spyOn(Date, 'now').mockReturnValue(now + 61_000);
    expect(await take(next)).toEqual(['b']);
    expect(next.counts()).toMatchObject({ waiting: 1 });
    expect(spillsOf(path)).toEqual([]);
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

describe('the command', () => {
  const cli = join(import.meta.dirname, '../src/cli.ts');
  const run = (...args: readonly string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...args], {
      encoding: 'utf8',
    });

  const withDead = async (): Promise<string> => {
    const path = newPath();
    const queue = open(path);
    put(queue, 'a', 'b', 'c', 'd');
    await take(queue, 3);
    await queue.dead('a', 'Vero answered 400');
    await queue.dead('b', 'Vero answered 413');
    await queue.close();
    return path;
  };

  it('says how the queue stands', async () => {
    const path = await withDead();
    expect(run(path)).toMatchObject({ status: 0, stderr: '' });
    expect(run(path, 'status').stdout.split('\n')).toEqual([
      'waiting       2',
      '  of them taken 1',
      'dead letters  2',
      '',
    ]);
  });

  it('lists dead letters, exports them, and replays those that are meant', async () => {
    const path = await withDead();
    expect(run(path, 'dead').stdout).toMatch(
      /^\d{4}-.* {2}n {2}a {2}1 attempts {2}Vero answered 400\n.*413\n$/,
    );
    expect(run(path, 'dead', '--reason', '413').stdout.trim().split('\n')).toHaveLength(1);
    const [first] = run(path, 'export').stdout.trim().split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({ record: { id: 'a' }, reason: 'Vero answered 400' });
    expect(run(path, 'replay', '--name', 'other').stdout).toBe('0 replayed\n');
    expect(run(path, 'replay', '--dry-run').stdout).toBe('2 would be replayed\n');
    expect(run(path, 'replay', '--reason', '400').stdout).toBe('1 replayed\n');
    expect(run(path).stdout).toContain('dead letters  1');
  });

  it.each([
    ['a file that there is not', ['nowhere.db'], /There is no file nowhere.db/],
    ['a command that there is not', ['FILE', 'delete'], /There is no command "delete"/],
    ['a rate that is none', ['FILE', 'replay', '--rate', 'fast'], /--rate must be a number above 0/],
    ['an option that there is not', ['FILE', '--all'], /Unknown option '--all'/],
    ['too much', ['FILE', 'status', 'now'], /"now" is too much/],
  ])('refuses %s, and says why', async (_what, args, expected) => {
    const path = await withDead();
    const copy = `${path}.copy`;
    copyFileSync(path, copy);
    const { status, stderr, stdout } = run(...args.map((arg) => (arg === 'FILE' ? path : arg)));
    expect(status).toBe(2);
    expect(stderr).toMatch(expected);
    expect(stdout).toBe('');
    expect(existsSync('nowhere.db')).toBe(false);
  });

  it('explains itself', async () => {
    expect(run('--help').stdout).toMatch(/^Usage: verotrack-sqlite <file> \[command\]/);
  });
});
