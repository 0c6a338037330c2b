import type { QueueRecord } from '@verotrack/core/queue';
import { PgBoss } from 'pg-boss';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { PgBossQueue } from '../src/index.ts';
import { LocalFleet } from './local-fleet.ts';
import { postgresUrl } from './servers.ts';

let fleet: LocalFleet;

beforeEach(async () => {
  fleet = await LocalFleet.open();
});

afterEach(() => fleet.close());

const nothing = { waiting: 0, taken: 0, deadLetters: 0 };

const event: QueueRecord = {
  v: 1,
  id: 'order-7',
  kind: 'track',
  project: 'default',
  name: 'order_placed',
  acceptedAt: Date.now(),
  attempts: 0,
  notBefore: 0,
  body: JSON.stringify({ event_name: 'order_placed', identity: { id: '42' } }),
};

async function take(queue: PgBossQueue): Promise<void> {
  await expect.poll(() => queue.take(1, 60_000, 'default')).toHaveLength(1);
}

/** As pg-boss does with what nobody has been heard of for too long. */
async function lapse(): Promise<void> {
  await fleet.query(`UPDATE ${fleet.schema}.job SET state = 'retry' WHERE state = 'active'`);
}

describe('A worker whose lease is over', () => {
  it('makes no dead letter of what another has delivered', async () => {
    const [late, other] = [fleet.queue(), fleet.queue()];
    await late.put([event]);
    await take(late);
    await lapse();
    await take(other);
    await other.ack([event.id]);
    await late.dead(event.id, 'Vero answered 400');
    expect(await fleet.counts()).toEqual(nothing);
  });

  it('takes nothing away from another that has it', async () => {
    const [late, other] = [fleet.queue(), fleet.queue()];
    await late.put([event]);
    await take(late);
    await lapse();
    await take(other);
    await late.dead(event.id, 'Vero answered 400');
    await late.retry(event.id, Date.now(), true);
    expect(await fleet.counts()).toEqual({ waiting: 1, taken: 1, deadLetters: 0 });
    await other.dead(event.id, 'Vero answered 422');
    expect(await other.deadLetters.list()).toMatchObject([{ reason: 'Vero answered 422' }]);
  });
});

it('An event that was taken again before its return was answered can still be ended', async () => {
  const boss = new PgBoss({ connectionString: postgresUrl(), schema: fleet.schema, supervise: false });
  await boss.start();
  onTestFinished(() => boss.stop({ graceful: false }));
  const queue = fleet.queue({ connectionString: undefined, boss });
  await queue.put([event]);
  await take(queue);
  const answer = Promise.withResolvers<void>();
  const db = boss.getDb() as { beginTransaction(): Promise<{ commit(): Promise<void> }> };
  const begin = db.beginTransaction.bind(db);
  vi.spyOn(db, 'beginTransaction').mockImplementationOnce(async () => {
    const transaction = await begin();
    return { ...transaction, commit: () => transaction.commit().then(() => answer.promise) };
  });
  const returned = queue.retry(event.id, Date.now(), false);
  await take(queue);
  answer.resolve();
  await returned;
  await queue.dead(event.id, 'Vero answered 400');
  expect(await queue.counts()).toEqual({ ...nothing, deadLetters: 1 });
  await queue.close();
});
