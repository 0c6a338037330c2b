import { createVero, defineEvents, defineIdentity, event, type Vero } from '@verotrack/core';
import type { Prisma, PrismaClient } from '@verotrack/test-prisma';
import { sql } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { Knex } from 'knex';
import type { ControlledTransaction, Kysely, Transaction as KyselyTransaction } from 'kysely';
import type pg from 'pg';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { createOutbox, type Outbox, pgBossQueue, type Transaction } from '../../src/index.ts';

const events = defineEvents({
  purchased: z.object({ order_id: z.string(), total: z.number() }),
  viewed: z.object({ page: z.string() }).optional(),
  logged_out: event(),
});
const identity = defineIdentity(z.object({ id: z.string(), plan: z.enum(['free', 'pro']) }));
const jane = { id: '42', plan: 'pro' } as const;
const data = { order_id: '7', total: 59 };

declare const tx: pg.PoolClient;
declare const vero: Vero;
declare const typedVero: Vero<typeof events, typeof identity>;

/** Compiled, never run. */
const compiled = (_code: () => unknown): void => {};

interface Tables {
  orders: { id: string; total: number };
}

describe('the types of the outbox', () => {
  it('take what each event of the catalogue says, and who did it', () => {
    compiled(async () => {
      const outbox = createOutbox(typedVero);
      expectTypeOf(outbox).toEqualTypeOf<Outbox<typeof events, typeof identity>>();
      expectTypeOf(outbox(tx).track('logged_out')).toEqualTypeOf<Promise<void>>();
      await outbox(tx).track('purchased', { data });
      await outbox(tx).track('purchased', { identity: jane, data, eventId: '7', unique: true });
      await outbox(tx).track('viewed');
      await outbox(tx).track('viewed', { data: { page: '/' } });
      await outbox(tx).track('logged_out', { identity: jane });
    });
  });

  it('refuse an unknown name, wrong data and a wrong identity', () => {
    compiled(async () => {
      const outbox = createOutbox(typedVero);
      // @ts-expect-error no such event
      await outbox(tx).track('purchasd', { data });
      // @ts-expect-error its data is missing
      await outbox(tx).track('purchased');
      // @ts-expect-error no total
      await outbox(tx).track('purchased', { data: { order_id: '7' } });
      // @ts-expect-error the total is a number
      await outbox(tx).track('purchased', { data: { order_id: '7', total: '59' } });
      // @ts-expect-error no such key
      await outbox(tx).track('purchased', { data: { ...data, currency: 'EUR' } });
      // @ts-expect-error it has no data
      await outbox(tx).track('logged_out', { data });
      // @ts-expect-error no such plan
      await outbox(tx).track('logged_out', { identity: { id: '42', plan: 'gold' } });
    });
  });

  it('take any name where there is no catalogue', () => {
    compiled(async () => {
      const outbox: Outbox = createOutbox(vero);
      await outbox(tx).track('anything', { identity: { id: '42' }, data: { order: 7 } });
      // @ts-expect-error an identity has an id
      await outbox(tx).track('anything', { identity: { email: 'jane@example.com' } });
    });
  });

  it('take a client whose catalogue is inferred', () => {
    compiled(async () => {
      const queue = pgBossQueue({ connectionString: 'postgres://' });
      const outbox = createOutbox(createVero({ events, identity, queue }));
      await outbox(tx).track('purchased', { identity: jane, data });
      // @ts-expect-error no such event
      await outbox(tx).track('purchasd', { identity: jane, data });
    });
  });

  it('take a transaction of each library', () => {
    expectTypeOf<pg.Client>().toExtend<Transaction>();
    expectTypeOf<pg.PoolClient>().toExtend<Transaction>();
    expectTypeOf<Knex.Transaction>().toExtend<Transaction>();
    expectTypeOf<Knex.Transaction<{ id: string }, { id: string }[]>>().toExtend<Transaction>();
    expectTypeOf<KyselyTransaction<Tables>>().toExtend<Transaction>();
    expectTypeOf<ControlledTransaction<Tables, ['saved']>>().toExtend<Transaction>();
    expectTypeOf<Prisma.TransactionClient>().toExtend<Transaction>();
    expectTypeOf<{
      executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
    }>().toExtend<Transaction>();
    compiled((db?: NodePgDatabase) =>
      db?.transaction(async (drizzleTx) => {
        const outbox = createOutbox(vero, { sql });
        await outbox(drizzleTx).track('purchased');
        await drizzleTx.transaction((inner) => outbox(inner).track('purchased'));
      }),
    );
    compiled((db?: PrismaClient) =>
      db
        ?.$extends({ model: { order: {} } })
        .$transaction((extended) => createOutbox(vero)(extended).track('purchased')),
    );
  });

  it('refuse what is no transaction', () => {
    expectTypeOf<pg.Pool>().not.toExtend<Transaction>();
    expectTypeOf<Knex>().not.toExtend<Transaction>();
    expectTypeOf<Kysely<Tables>>().not.toExtend<Transaction>();
    expectTypeOf<PrismaClient>().not.toExtend<Transaction>();
    expectTypeOf<NodePgDatabase>().not.toExtend<Transaction>();
    expectTypeOf<string>().not.toExtend<Transaction>();
    expectTypeOf<undefined>().not.toExtend<Transaction>();
    expectTypeOf<Record<never, never>>().not.toExtend<Transaction>();
  });
});
