import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { createVero } from '@verotrack/core';
import { contractRecord } from '@verotrack/core/queue-contract';
import { describe, expect, it } from 'vitest';
import { sqliteQueue } from '../src/index.ts';
import { newPath, take } from './queues.ts';

async function takenFrom(path: string): Promise<string[]> {
  const queue = sqliteQueue({ path });
  try {
    return await take(queue);
  } finally {
    await queue.close();
  }
}

describe('the close of a queue', () => {
  it('waits for whoever has the file locked, and puts into it what waited beside it', async () => {
    const path = newPath();
    const queue = sqliteQueue({ path });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    queue.put([contractRecord('a')]);
    expect(await take(queue)).toEqual(['a']);
    expect(queue.counts()).toMatchObject({ spilled: 1 });
    const closed = queue.close();
    other.close();
    await closed;
    expect(await takenFrom(path)).toEqual(['a']);
  });

  it('leaves to the next what the file never took, because it stays locked', async () => {
    const path = newPath();
    const vero = createVero({ authToken: 'tok_secret_of_a_test', queue: sqliteQueue({ path }) });
    vero.on('error', () => {});
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    vero.track('n', { identity: { id: '42' }, eventId: 'kept' });
    expect(await vero.close({ timeout: 0 })).toMatchObject({ handedOver: 1, dropped: 0, pending: 0 });
    other.close();
    await expect.poll(async () => await takenFrom(path)).toEqual(['kept']);
  });
});

describe('the owner of what is taken', () => {
  it('is gone when an earlier process had the same number, as in a container', async () => {
    const path = newPath();
    const queue = sqliteQueue({ path });
    queue.put([contractRecord('a')]);
    expect(await take(queue)).toEqual(['a']);
    // Another queue of this process is no other process.
    expect(await takenFrom(path)).toEqual([]);
    const other = new DatabaseSync(path);
    const start = Number(process.hrtime.bigint()) / 1e6 - process.uptime() * 1_000;
    const earlier = [encodeURIComponent(hostname()), process.pid, Math.round(start) - 5_000, 'x'].join('+');
    other.prepare('UPDATE events SET owner = ?').run(earlier);
    other.close();
    expect(await takenFrom(path)).toEqual(['a']);
    await queue.close();
  });

  it('is the same process for each of its threads', async () => {
    const path = newPath();
    const queue = sqliteQueue({ path });
    queue.put([contractRecord('a')]);
    expect(await take(queue)).toEqual(['a']);
    const thread = new Worker(
      `import { sqliteQueue } from ${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))};
       import { parentPort } from 'node:worker_threads';
       const queue = sqliteQueue({ path: ${JSON.stringify(path)} });
       parentPort.postMessage((await queue.take(100, 60_000, 'default')).length);
       await queue.close();`,
      { eval: true, execArgv: ['--input-type=module'] },
    );
    const ended = once(thread, 'exit');
    expect(await once(thread, 'message')).toEqual([0]);
    await ended;
    await queue.close();
  });
});

describe('a queue that drops the oldest', () => {
  it('remembers nothing of what it dropped', async () => {
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
