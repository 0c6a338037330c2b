import { createVero, InvalidEventError, isVeroError, type Vero, type VeroOptions } from '@verotrack/core';
import { startInspector } from '@verotrack/inspector';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createOutbox,
  createVeroWorker,
  type Outbox,
  pgBossQueue,
  type Transaction,
} from '../../src/index.ts';
import { anotherDatabase, aSchema, postgresUrl } from '../servers.ts';
import { type Database, libraries } from './libraries.ts';
import { Committed } from './stored-events.ts';

const authToken = 'tok_secret_outbox';
const identity = { id: '42', email: 'jane@example.com' };

describe.each(Object.entries(libraries))('The outbox in a transaction of %s', (_name, open) => {
  const schema = aSchema();
  const clients: Vero[] = [];
  const committed = new Committed(postgresUrl(), schema);
  let database: Database;
  let vero: Vero;
  let outbox: Outbox;
  let order: string;
  let orders = 0;

  function aClient(options: Omit<VeroOptions, 'events' | 'identity'> = {}): Vero {
    const queue = pgBossQueue({ connectionString: postgresUrl(), schema, connections: 2 });
    const client = createVero({ authToken, queue, logger: () => {}, ...options });
    clients.push(client);
    return client;
  }

  beforeAll(async () => {
    await committed.begin();
    database = open(postgresUrl(), schema);
    vero = aClient();
    outbox = createOutbox(vero, database.outbox);
  });

  beforeEach(() => {
    order = `order-${orders++}`;
  });

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await database.close();
    await committed.close();
  });

  const placed = async () => (await committed.orders()).includes(order);
  const names = async () => (await committed.eventsOf(order)).map(({ name }) => name);

  it('stores one event with what is committed, which a worker delivers once', async () => {
    await database.transaction(async (open) => {
      await open.order(order);
      await outbox(open.tx).track('purchased', { identity, data: { order } });
    });
    expect(await committed.eventsOf(order)).toEqual([{ name: 'purchased', identity, data: { order } }]);
    expect(await placed()).toBe(true);

    const local = await startInspector({ port: 0 });
    const worker = createVeroWorker({
      authToken,
      baseUrl: local.url,
      queue: pgBossQueue({ connectionString: postgresUrl(), schema }),
    });
    try {
      await local.waitForEvent('purchased', { timeoutMs: 20_000 });
      await expect.poll(() => worker.stats()).toMatchObject({ taken: 1, delivered: 1, pending: 0 });
      expect(local.events()).toMatchObject([{ name: 'purchased', identity, data: { order } }]);
    } finally {
      await worker.close();
      await local.close();
    }
  });

  it('stores none with what is rolled back', async () => {
    const rolledBack = database.transaction(async (open) => {
      await open.order(order);
      await outbox(open.tx).track('purchased', { identity, data: { order } });
      throw new Error('changed my mind');
    });
    await expect(rolledBack).rejects.toThrow('changed my mind');
    expect([await placed(), await names()]).toEqual([false, []]);
  });

  it('stores none when a later statement fails', async () => {
    const failed = database.transaction(async (open) => {
      await outbox(open.tx).track('purchased', { identity, data: { order } });
      await open.order(order, 0);
    });
    await expect(failed).rejects.toThrow();
    expect([await placed(), await names()]).toEqual([false, []]);
  });

  it('shows nothing of it to others before the commit', async () => {
    await database.transaction(async (open) => {
      await outbox(open.tx).track('purchased', { identity, data: { order } });
      expect(await names()).toEqual([]);
    });
    expect(await names()).toEqual(['purchased']);
  });

  it('stores each of several events', async () => {
    await database.transaction(async (open) => {
      await outbox(open.tx).track('purchased', { identity, data: { order } });
      await outbox(open.tx).track('subscribed', { identity, data: { order } });
    });
    expect((await names()).toSorted()).toEqual(['purchased', 'subscribed']);
  });

  it('stores one event of one id, in one transaction and in two', async () => {
    const event = { identity, data: { order }, eventId: `id of ${order}` };
    await database.transaction(async (open) => {
      await outbox(open.tx).track('purchased', event);
      await outbox(open.tx).track('purchased', event);
    });
    await database.transaction(async (open) => {
      await outbox(open.tx).track('purchased', event);
      await open.order(order);
    });
    expect([await placed(), await names()]).toEqual([true, ['purchased']]);
  });

  it('keeps whatever is in an event', async () => {
    const data = { order, text: `?? \\? $1 :name '' " \\ \u0000 \ud800 😀`, deep: [{ '?': null }] };
    await database.transaction(async (open) => {
      await outbox(open.tx).track(`what $1 is '?'`, { identity, data });
    });
    expect(await committed.eventsOf(order)).toEqual([{ name: `what $1 is '?'`, identity, data }]);
  });

  it('goes with a savepoint, or stays when that is rolled back', async () => {
    await database.transaction(async (open) => {
      await open.order(order);
      await outbox(open.tx).track('kept', { identity, data: { order } });
      await open.nested(async (inner) => {
        await outbox(inner.tx).track('kept inside', { identity, data: { order } });
      });
      const undone = open.nested(async (inner) => {
        await outbox(inner.tx).track('undone', { identity, data: { order } });
        throw new Error('undo');
      });
      await expect(undone).rejects.toThrow('undo');
    });
    expect([await placed(), (await names()).toSorted()]).toEqual([true, ['kept', 'kept inside']]);
  });

  it('rejects an invalid event, and leaves the transaction as it was', async () => {
    await database.transaction(async (open) => {
      const invalid = outbox(open.tx).track('', { identity, data: { order } });
      await expect(invalid).rejects.toBeInstanceOf(InvalidEventError);
      await open.order(order);
      await outbox(open.tx).track('valid', { identity, data: { order } });
    });
    expect([await placed(), await names()]).toEqual([true, ['valid']]);
  });

  it('takes the identity of the scope, or the event’s own', async () => {
    await vero.run({ identity }, () =>
      database.transaction(async (open) => {
        await outbox(open.tx).track('of the scope', { data: { order } });
        await outbox(open.tx).track('own', { identity: { id: '7' }, data: { order } });
      }),
    );
    const who = new Map((await committed.eventsOf(order)).map((event) => [event.name, event.identity]));
    expect(Object.fromEntries(who)).toEqual({ 'of the scope': identity, own: { id: '7' } });
  });

  it('rejects an event of nobody, and leaves the transaction as it was', async () => {
    await database.transaction(async (open) => {
      const ofNobody = outbox(open.tx).track('purchased', { data: { order } });
      await expect(ofNobody).rejects.toMatchObject({ code: 'VERO_NO_IDENTITY' });
      await open.order(order);
    });
    expect([await placed(), await names()]).toEqual([true, []]);
  });

  it('commits without the event that beforeAccept refused', async () => {
    const client = aClient({ beforeAccept: (event) => (event.name === 'refused' ? null : event) });
    const refusing = createOutbox(client, database.outbox);
    await database.transaction(async (open) => {
      await open.order(order);
      await refusing(open.tx).track('refused', { identity, data: { order } });
      await refusing(open.tx).track('accepted', { identity, data: { order } });
    });
    expect([await placed(), await names()]).toEqual([true, ['accepted']]);
    expect(client.stats().skipped).toEqual({ refused: 1 });
  });

  it('commits without events when the client is not enabled', async () => {
    const client = aClient({ enabled: false });
    const disabled = createOutbox(client, database.outbox);
    await database.transaction(async (open) => {
      await open.order(order);
      await disabled(open.tx).track('purchased', { identity, data: { order } });
      const invalid = disabled(open.tx).track('purchased', { identity: { id: '' } });
      await expect(invalid).rejects.toBeInstanceOf(InvalidEventError);
    });
    expect([await placed(), await names()]).toEqual([true, []]);
    expect(client.stats().skipped).toEqual({ disabled: 1 });
  });

  it('rejects what the database refuses, as any statement does', async () => {
    const elsewhere = await anotherDatabase();
    const withoutQueue = new Committed(elsewhere.url, schema);
    const other = open(elsewhere.url, schema);
    try {
      await withoutQueue.begin();
      const failed = other.transaction(async (open) => {
        await open.order(order);
        const stored = outbox(open.tx).track('purchased', { identity, data: { order } });
        await expect(stored).rejects.toThrow();
        // The transaction has failed, whatever is done with the error.
        await open.order(`${order}, too`);
      });
      await expect(failed).rejects.toThrow();
      expect(await withoutQueue.orders()).toEqual([]);
      expect(await names()).toEqual([]);
    } finally {
      await other.close();
      await withoutQueue.close();
      await elsewhere.drop();
    }
  });

  it('refuses the database itself, whose statements are in no transaction', async () => {
    const stored = outbox(database.itself as Transaction).track('purchased', { identity, data: { order } });
    const refusal = await stored.catch((thrown: unknown) => thrown);
    expect(refusal).toSatisfy(isVeroError);
    expect(refusal).toMatchObject({
      code: 'VERO_CONFIG',
      message: expect.stringContaining('outbox: its argument must be a transaction, and is'),
    });
    expect(await names()).toEqual([]);
  });
});
