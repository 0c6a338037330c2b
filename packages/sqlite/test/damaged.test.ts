import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createVero, type QueueRecord, type Vero } from '@verotrack/core';
import { contractRecord } from '@verotrack/core/queue-contract';
import { afterEach, describe, expect, it } from 'vitest';
import { newPath, open, put, take } from './queues.ts';

const clients: Vero[] = [];

afterEach(async () => {
  for (const vero of clients.splice(0)) await vero.close({ timeout: 0 });
});

function change(path: string, sql: string, ...values: readonly (string | number | bigint)[]): void {
  const database = new DatabaseSync(path);
  database.prepare(sql).run(...values);
  database.close();
}

/** What a process left beside the file that closed its queue. */
function leaveBeside(path: string, ...lines: readonly (Partial<QueueRecord> | string)[]): void {
  const written = lines.map((line) =>
    typeof line === 'string'
      ? line
      : JSON.stringify({ put: { ...contractRecord(String(line.id)), ...line } }),
  );
  writeFileSync(`${path}-spill-%left+test`, written.map((line) => `\n${line}`).join(''));
}

/** A client over the file, and the ids of what it was given to send. */
function deliver(path: string): { vero: Vero; sent: string[]; told: string[] } {
  const sent: string[] = [];
  const told: string[] = [];
  const vero = createVero({
    authToken: 'tok_secret_of_the_damaged',
    queue: open(path),
    transport: {
      send: async ({ body }) => {
        sent.push((JSON.parse(body) as { data: { of: string } }).data.of);
        return { status: 200 };
      },
    },
  });
  vero.on('error', ({ error }) => told.push(error.message));
  clients.push(vero);
  return { vero, sent, told };
}

describe('a row that was damaged', () => {
  it.each(['accepted_at', 'attempts', 'not_before', 'v'])(
    'so that no number of JavaScript holds its %s keeps nobody from the others',
    async (column) => {
      const path = newPath();
      const queue = open(path);
      put(queue, 'a', 'b', 'c');
      await queue.close();
      change(path, `UPDATE events SET ${column} = ? WHERE id = 'b'`, 2n ** 62n);
      const { vero, sent } = deliver(path);
      await expect.poll(() => sent).toEqual(expect.arrayContaining(['a', 'c']));
      // Of a version that nobody knows, it waits for one that does.
      expect(vero.stats().rejected + vero.stats().dropped).toBe(0);
    },
  );

  it('so that it is due in ages, or that the pause is, is no error', async () => {
    const path = newPath();
    const queue = open(path);
    put(queue, 'a');
    await queue.pauseUntil(1, 'default');
    await queue.close();
    change(path, 'UPDATE events SET due = ?', 2n ** 62n);
    change(path, 'UPDATE pauses SET until = ?', 2n ** 62n);
    const again = open(path);
    expect(await take(again)).toEqual([]);
    expect(again.nextDueAt('default')).toBe(Number.MAX_SAFE_INTEGER);
    expect(again.counts()).toMatchObject({ waiting: 1, taken: 0 });
  });
});

describe('an index that was damaged', () => {
  it('is made anew, and told, so that everything can be taken', async () => {
    const path = newPath();
    const queue = open(path);
    put(queue, 'a', 'b', 'c');
    await queue.close();
    const bytes = readFileSync(path);
    // The table has the project before the event's name, which is "n".
    bytes.write('D', bytes.toString('latin1').search(/default(?!n)/), 'latin1');
    writeFileSync(path, bytes);
    const again = open(path);
    const told: string[] = [];
    again.onProblem(({ message }) => told.push(message));
    expect(told).toEqual([expect.stringMatching(/^The indexes of the file .* were made anew/)]);
    expect(await take(again)).toEqual(['a', 'b', 'c']);
    await again.ack(['a', 'b', 'c']);
    expect(again.counts()).toMatchObject({ waiting: 0, taken: 0 });
  });
});

describe('a dead letter that was damaged', () => {
  it.each(['', '{', 'null', '[]', '{"id":1}'])(
    'so that it is %j hides none of the others, is told, and stays where it is',
    async (record) => {
      const path = newPath();
      const queue = open(path);
      put(queue, 'a', 'b');
      await queue.dead('a', 'why');
      await queue.dead('b', 'why');
      change(path, `UPDATE dead_letters SET record = ? WHERE id = 'a'`, record);
      const told: string[] = [];
      queue.onProblem(({ message }) => told.push(message));
      expect(queue.deadLetters.list().map((letter) => letter.record.id)).toEqual(['b']);
      expect(queue.deadLetters.export().trimEnd().split('\n')).toHaveLength(1);
      expect(await queue.deadLetters.replay()).toEqual({ replayed: 1 });
      expect(queue.counts()).toMatchObject({ waiting: 1, deadLetters: 1 });
      expect(new Set(told)).toEqual(new Set(["1 dead letters in the file can't be read; they stay in it"]));
    },
  );
});

describe('what was damaged beside the file', () => {
  it('is not sent, but kept as a dead letter, when it is no event any more', async () => {
    const path = newPath();
    leaveBeside(path, { id: 'a' }, { id: 'b', body: '{"event_name":"n","iden' }, { id: 'c' });
    const { vero, sent, told } = deliver(path);
    await expect.poll(() => sent.toSorted()).toEqual(['a', 'c']);
    await vero.flush();
    expect((await vero.deadLetters.list()).map(({ record, reason }) => [record.id, reason])).toEqual([
      ['b', 'damaged: its body is not JSON'],
    ]);
    expect(told).toEqual([expect.stringContaining("can't be sent, and is kept as a dead letter")]);
  });

  it('is kept as it was when it can not be read, also beside a queue whose folder is named like it', async () => {
    const path = newPath();
    const folder = join(dirname(path), 'our-spill-folder');
    mkdirSync(folder, { recursive: true });
    const inside = join(folder, 'our-spill-queue.db');
    const lines = ['{"put":', JSON.stringify({ put: { ...contractRecord('x'), acceptedAt: 1.5 } })];
    leaveBeside(inside, { id: 'a' }, ...lines);
    const { sent, told } = deliver(inside);
    await expect.poll(() => sent).toEqual(['a']);
    expect(told).toEqual([expect.stringMatching(/2 lines can't be read; they are kept in .*-unreadable-/)]);
    const [kept = ''] = readdirSync(folder).filter((name) => name.includes('-unreadable-'));
    for (const line of lines) expect(readFileSync(join(folder, kept), 'utf8')).toContain(line);
  });
});
