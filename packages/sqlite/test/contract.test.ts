import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queueContract } from '@verotrack/core/queue-contract';
import { afterAll, describe, it } from 'vitest';
import { type SqliteQueue, sqliteQueue } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'verotrack-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true }));

const paths = new Map<object, string>();
let made = 0;

function open(path: string): SqliteQueue {
  const queue = sqliteQueue({ path });
  paths.set(queue, path);
  return queue;
}

// #region contract
describe('sqliteQueue, as every queue,', () => {
  const cases = queueContract({
    makeQueue: () => open(join(folder, `${made++}.db`)),
    openAgain: (queue) => open(paths.get(queue) ?? ''),
  });
  for (const { name, run } of cases) it(name, run);
});
// #endregion
