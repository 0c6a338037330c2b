import type {
  EventArguments,
  EventCatalogue,
  EventInput,
  EventOptions,
  IdentityDefinition,
  IdentityInput,
  OpenCatalogue,
  OpenIdentity,
  Vero,
} from '@verotrack/core';
import { aFunction, checkOptions, queueOf, recordNow, VeroError } from '@verotrack/core/queue';
import { newJob } from './job.ts';
import { connectionOf } from './pg-boss-queue.ts';
import { type DrizzleSql, databaseOf, type Transaction } from './transactions.ts';

/** The options of {@link createOutbox}. */
export interface OutboxOptions {
  /** The `sql` of drizzle-orm, for transactions of Drizzle. @default none */
  readonly sql?: DrizzleSql | undefined;
}

/** Events that are part of one transaction. */
export interface TransactionEvents<
  in out Events extends EventCatalogue = OpenCatalogue,
  in out User extends IdentityDefinition = OpenIdentity,
> {
  /**
   * Stores an event in the transaction: there is one if it is committed, and none if it is rolled back.
   *
   * @returns a promise to be awaited like that of any statement of the transaction
   * @throws {InvalidEventError} the event was wrong; the transaction is as it was
   * @throws {VeroError} `VERO_NO_IDENTITY`, `VERO_CALLBACK_FAILED`, `VERO_CONFIG` for what is no transaction, or
   * `VERO_QUEUE` when the client is closed; the transaction is as it was
   * @throws what the database refuses: the transaction has failed
   */
  readonly track: <Name extends keyof Events['definitions'] & string>(
    name: Name,
    ...options: EventArguments<EventInput<Events, Name>, IdentityInput<User>>
  ) => Promise<void>;
}

/** Gives the events of a transaction. */
export type Outbox<
  Events extends EventCatalogue = OpenCatalogue,
  User extends IdentityDefinition = OpenIdentity,
> = (transaction: Transaction) => TransactionEvents<Events, User>;

/**
 * An outbox: events become part of the application's own transactions, in the database of the client's queue. Who and
 * what is as with `track`: the identity of the scope, the catalogue, `beforeAccept`.
 *
 * @example
 * const outbox = createOutbox(vero);
 * await db.transaction().execute(async (tx) => {
 *   await tx.insertInto('orders').values(order).execute();
 *   await outbox(tx).track('purchased', { data: { order: order.id } });
 * });
 * @throws {VeroError} `VERO_CONFIG` for a client whose queue is not one of `pgBossQueue`, or a bad option
 */
export function createOutbox<Events extends EventCatalogue, User extends IdentityDefinition>(
  vero: Vero<Events, User>,
  options: OutboxOptions = {},
): Outbox<Events, User> {
  const { sql } = checkOptions('createOutbox', options, { sql: aFunction });
  const connection = connectionOf(queueOf(vero, 'createOutbox'));
  if (!connection) {
    throw new VeroError('VERO_CONFIG', 'createOutbox: its client must have a queue that pgBossQueue made');
  }
  const store = async (
    transaction: Transaction,
    name: string,
    event: EventOptions | undefined,
  ): Promise<void> => {
    const record = recordNow(vero, 'outbox', name, event);
    // A refusal is no reason to lose the order.
    if (record === 'disabled' || record === 'refused') return;
    if (connection.isClosed) throw new VeroError('VERO_QUEUE', 'outbox: its client is closed');
    const db = await databaseOf(transaction, sql);
    const boss = await connection.bossFor(record.project);
    try {
      await boss.insert(connection.names.events(record.project), [newJob(record)], { db });
    } catch (thrown) {
      // Somebody may have removed the queue.
      connection.forgetQueues();
      throw thrown;
    }
  };
  return (transaction) => ({
    track: async (name, ...[event]) => await store(transaction, name, event as EventOptions | undefined),
  });
}
