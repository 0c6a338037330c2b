import { queueContract } from '@verotrack/core/queue-contract';
import { PgBoss, TestClock } from 'pg-boss';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { type PgBossQueue, pgBossQueue } from '../src/index.ts';
import { aSchema, postgresUrl } from './servers.ts';

const schema = aSchema();
const realNow = Date.now;
const clock = new TestClock();
const boss = new PgBoss({
  connectionString: postgresUrl(),
  schema,
  clock,
  supervise: false,
  schedule: false,
  monitorIntervalSeconds: 1,
});
const names = new Map<object, string>();
let made = 0;

beforeAll(async () => {
  boss.on('error', (error) => {
    throw error;
  });
  await boss.start();
});

afterEach(() => {
  Date.now = realNow;
});

afterAll(async () => {
  Date.now = realNow;
  await boss.stop({ graceful: false });
});

function open(queue: string): PgBossQueue {
  const opened = pgBossQueue({ boss, schema, queue });
  names.set(opened, queue);
  return opened;
}

/** Postgres and this process have one clock, which stands still otherwise. */
async function passTime(ms: number): Promise<void> {
  await clock.setTime(clock.now() + ms);
  // Whatever expired comes back when pg-boss looks after its queues, which it does once a second at most.
  await boss.getDb().executeSql(`UPDATE ${schema}.queue SET monitor_claim_on = NULL, monitor_on = NULL`);
  await boss.supervise();
}

describe('pgBossQueue, as every queue,', () => {
  const cases = queueContract({
    makeQueue: () => {
      Date.now = () => clock.now();
      return open(`contract-${made++}`);
    },
    openAgain: (queue) => open(names.get(queue) ?? ''),
    passTime,
  });
  for (const { name, run } of cases) it(name, run);
});
