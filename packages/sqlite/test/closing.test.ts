import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { createVero } from '@verotrack/core';
import { contractRecord } from '@verotrack/core/queue-contract';
import { afterAll, describe, expect, it } from 'vitest';
import { type SqliteQueue, sqliteQueue } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'verotrack-closing-'));
let made = 0;

afterAll(() => rmSync(folder, { recursive: true }));

const newPath = (): string => join(folder, `queue-${made++}.db`);
const take = (queue: SqliteQueue): string[] => queue.take(100, 60_000, 'default').map(({ id }) => id);

function takenFrom(path: string): string[] {
  const queue = sqliteQueue({ path });
  try {
    return take(queue);
  } finally {
    queue.close();
  }
}

describe('the close of a queue', () => {
  it('waits for whoever has the file locked, and puts into it what waited in memory', async () => {
    const path = newPath();
    const queue = sqliteQueue({ path });
    const locking = new Worker(
      `const { DatabaseSync } = require('node:sqlite');
       const { parentPort, workerData } = require('node:worker_threads');
       const other = new DatabaseSync(workerData);
       other.exec('BEGIN IMMEDIATE');
       parentPort.postMessage('locked');
       setTimeout(() => other.close(), 300);`,
      { eval: true, workerData: path },
    );
    const ended = once(locking, 'exit');
    await once(locking, 'message');
    queue.put([contractRecord('a')]);
    expect(take(queue)).toEqual(['a']);
    expect(queue.counts()).toMatchObject({ spilled: 1 });
    queue.close();
    await ended;
    expect(takenFrom(path)).toEqual(['a']);
  });

  it('tells what is lost, because the file stays locked', async () => {
    const path = newPath();
    const vero = createVero({ authToken: 'tok_secret_of_a_test', queue: sqliteQueue({ path }) });
    const told: string[] = [];
    vero.on('error', ({ error }) => void told.push(error.message));
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    vero.track('n', { identity: { id: '42' } });
    await vero.close({ timeout: 0 });
    other.close();
    expect(told.at(-1)).toMatch(/1 that waited in memory are lost/);
  });
});

describe('the owner of what is taken', () => {
  it('is gone when an earlier process had the same number, as in a container', () => {
    const path = newPath();
    const queue = sqliteQueue({ path });
    queue.put([contractRecord('a')]);
    expect(take(queue)).toEqual(['a']);
    // Another queue of this process is no other process.
    expect(takenFrom(path)).toEqual([]);
    const other = new DatabaseSync(path);
    const start = Number(process.hrtime.bigint()) / 1e6 - process.uptime() * 1_000;
    const earlier = [encodeURIComponent(hostname()), process.pid, Math.round(start) - 5_000, 'x'].join('/');
    other.prepare('UPDATE events SET owner = ?').run(earlier);
    other.close();
    expect(takenFrom(path)).toEqual(['a']);
    queue.close();
  });

  it('is the same process for each of its threads', async () => {
    const path = newPath();
    const queue = sqliteQueue({ path });
    queue.put([contractRecord('a')]);
    expect(take(queue)).toEqual(['a']);
    const thread = new Worker(
      `import { sqliteQueue } from ${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))};
       import { parentPort } from 'node:worker_threads';
       const queue = sqliteQueue({ path: ${JSON.stringify(path)} });
       parentPort.postMessage(queue.take(100, 60_000, 'default').length);
       queue.close();`,
      { eval: true, execArgv: ['--input-type=module'] },
    );
    const ended = once(thread, 'exit');
    expect(await once(thread, 'message')).toEqual([0]);
    await ended;
    queue.close();
  });
});

describe('a queue that drops the oldest', () => {
  it('remembers nothing of what it dropped', () => {
    const script = `
      import { sqliteQueue } from ${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))};
      import { contractRecord } from ${JSON.stringify(join(import.meta.dirname, '../../core/src/queue-contract.ts'))};
      const queue = sqliteQueue({ path: ${JSON.stringify(newPath())}, capacity: 100, overflow: 'drop-oldest' });
      const put = (from, to) => {
        for (let i = from; i < to; i++) queue.put([contractRecord('x'.repeat(300) + i)]);
        gc();
        return process.memoryUsage().heapUsed;
      };
      const before = put(0, 2_000);
      console.log(put(2_000, 22_000) - before);`;
    const { stdout } = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '--eval', script], {
      encoding: 'utf8',
    });
    // Their ids alone would be 6 MB.
    expect(Number(stdout)).toBeLessThan(2_000_000);
  });
});
