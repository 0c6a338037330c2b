import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, vi } from 'vitest';
import { newPath, open, put, spillsOf, take } from './queues.ts';

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
