/**
 * What every queue must do, for authors of queues: as cases for whichever test runner.
 *
 * @packageDocumentation
 */
import assert from 'node:assert/strict';
import type { DeadLetter, EventQueue, QueueCounts, QueueRecord } from './queue/contract.ts';

/** The options of {@link queueContract}. */
export interface QueueContractOptions {
  /** Makes an empty queue. */
  readonly makeQueue: () => EventQueue | Promise<EventQueue>;
  /**
   * Makes another queue over the same store, as another process would. Only for queues that are shared.
   * @default the cases of shared queues are left out
   */
  readonly openAgain?: ((queue: EventQueue) => EventQueue | Promise<EventQueue>) | undefined;
  /**
   * Lets so many milliseconds pass, as the queue's clock has it.
   * @default puts `Date.now` forward for the rest of the case
   */
  readonly passTime?: ((ms: number) => void | Promise<void>) | undefined;
}

/** One thing that a queue must do. */
export interface QueueContractCase {
  /** A sentence about the queue. */
  readonly name: string;
  /** Rejects with an `AssertionError` where the queue doesn't keep the contract. */
  readonly run: () => Promise<void>;
}

/** A record as the engine makes it. */
export function contractRecord(id: string, more: Partial<QueueRecord> = {}): QueueRecord {
  const body = `{"event_name":"n","identity":{"id":"1"},"data":{"of":"${id}"}}`;
  const acceptedAt = 1_700_000_000_000;
  return {
    v: 1,
    id,
    kind: 'track',
    project: 'default',
    name: 'n',
    acceptedAt,
    attempts: 0,
    notBefore: 0,
    body,
    ...more,
  };
}

/**
 * The cases that a queue must pass to be one. Each makes a queue of its own, and closes it. Run them one after the other.
 *
 * @example
 * for (const { name, run } of queueContract({ makeQueue: () => myQueue() })) test(name, run);
 */
export function queueContract(options: QueueContractOptions): readonly QueueContractCase[] {
  const cases = options.openAgain ? [...CASES, ...SHARED_CASES] : CASES;
  return cases.map(([name, test]) => ({ name, run: () => runCase(options, test) }));
}

const LEASE_MS = 60_000;

/** A queue under test, with what the cases ask of it. */
class Subject {
  readonly queue: EventQueue;
  readonly #options: QueueContractOptions;
  readonly #opened: EventQueue[] = [];
  #ahead = 0;
  readonly #now: () => number = Date.now;

  constructor(queue: EventQueue, options: QueueContractOptions) {
    this.queue = queue;
    this.#options = options;
  }

  async put(...records: readonly QueueRecord[]): Promise<void> {
    assert.deepEqual(idsOf(await this.queue.put(records)), [], 'nothing is dropped');
  }

  async take(n = 100, leaseMs: number = LEASE_MS, project = 'default'): Promise<readonly QueueRecord[]> {
    return plain(await this.queue.take(n, leaseMs, project));
  }

  async takeIds(n?: number, leaseMs?: number, project?: string): Promise<string[]> {
    return idsOf(await this.take(n, leaseMs, project));
  }

  /** A queue may count more than every queue does. */
  async counted(): Promise<QueueCounts> {
    const { waiting, taken, deadLetters } = await this.queue.counts();
    return { waiting, taken, deadLetters };
  }

  async letters(): Promise<readonly DeadLetter[]> {
    return plain(await this.queue.deadLetters.list());
  }

  async passTime(ms: number): Promise<void> {
    if (this.#options.passTime) return await this.#options.passTime(ms);
    this.#ahead += ms;
    Date.now = () => this.#now() + this.#ahead;
  }

  async openAgain(): Promise<Subject> {
    assert.ok(this.#options.openAgain);
    const again = await this.#options.openAgain(this.queue);
    this.#opened.push(again);
    return new Subject(again, this.#options);
  }

  async close(): Promise<void> {
    Date.now = this.#now;
    for (const queue of this.#opened) await queue.close();
    await this.queue.close();
  }
}

async function runCase(
  options: QueueContractOptions,
  test: (subject: Subject) => Promise<void>,
): Promise<void> {
  const subject = new Subject(await options.makeQueue(), options);
  try {
    await test(subject);
  } finally {
    await subject.close();
  }
}

type Case = readonly [name: string, test: (subject: Subject) => Promise<void>];

const CASES: readonly Case[] = [
  [
    'is empty at first',
    async (it) => {
      assert.deepEqual(await it.take(), []);
      assert.deepEqual(await it.counted(), { waiting: 0, taken: 0, deadLetters: 0 });
      assert.equal(await it.queue.nextDueAt('default'), undefined);
      assert.deepEqual(await it.letters(), []);
    },
  ],
  [
    'gives records back as they were put, oldest first',
    async (it) => {
      const records = ['a', 'b', 'c'].map((id) => contractRecord(id));
      await it.put(...records.slice(0, 2));
      await it.put(...records.slice(2));
      assert.deepEqual(await it.take(), records);
    },
  ],
  [
    'gives no more than asked for, and loses none',
    async (it) => {
      await it.put(contractRecord('a'), contractRecord('b'), contractRecord('c'));
      assert.deepEqual(await it.takeIds(2), ['a', 'b']);
      assert.deepEqual(await it.takeIds(2), ['c']);
      assert.deepEqual(await it.takeIds(2), []);
    },
  ],
  [
    'keeps every byte of a body',
    async (it) => {
      const name = 'né "quoted"';
      const text = 'é🎉\u0000\u2028"\\ \ud83d';
      const data = { text, big: 'x'.repeat(100_000) };
      const body = JSON.stringify({ event_name: name, identity: { id: '1' }, data });
      const record = contractRecord('a', { body, name, trace: '00-abc-def-01' });
      await it.put(record);
      assert.deepEqual(await it.take(), [record]);
    },
  ],
  [
    'gives a project only its own records',
    async (it) => {
      const other = { project: 'other' };
      await it.put(
        contractRecord('a'),
        contractRecord('b', other),
        contractRecord('c'),
        contractRecord('d', other),
      );
      assert.deepEqual(await it.takeIds(1, LEASE_MS, 'other'), ['b']);
      assert.deepEqual(await it.takeIds(), ['a', 'c']);
      assert.deepEqual(await it.takeIds(5, LEASE_MS, 'third'), []);
      assert.deepEqual(await it.takeIds(5, LEASE_MS, 'other'), ['d']);
    },
  ],
  [
    'gives a record that was taken to nobody else until its lease is over, and then before newer ones',
    async (it) => {
      await it.put(contractRecord('a'));
      assert.deepEqual(await it.takeIds(1, 1_000), ['a']);
      await it.passTime(900);
      assert.deepEqual(await it.takeIds(), []);
      await it.passTime(200);
      await it.put(contractRecord('b'));
      assert.deepEqual(await it.takeIds(), ['a', 'b']);
      assert.deepEqual(await it.takeIds(), []);
    },
  ],
  [
    'forgets what was acknowledged',
    async (it) => {
      await it.put(contractRecord('a'), contractRecord('b'));
      await it.take(1, 1_000);
      await it.queue.ack(['a']);
      await it.passTime(2_000);
      assert.deepEqual(await it.takeIds(), ['b']);
      assert.deepEqual(await it.letters(), []);
    },
  ],
  [
    'forgets what was acknowledged too late, but not what somebody has meanwhile put again',
    async (it) => {
      await it.put(contractRecord('a'));
      await it.take(1, 1_000);
      await it.passTime(1_100);
      await it.queue.ack(['a']);
      assert.deepEqual(await it.takeIds(), []);
      assert.equal((await it.queue.counts()).waiting, 0);
    },
  ],
  [
    'takes back a record for later, and counts the attempt only if told to',
    async (it) => {
      await it.put(contractRecord('a'), contractRecord('b'));
      await it.take();
      const later = Date.now() + 5_000;
      await it.queue.retry('a', later, true);
      await it.queue.retry('b', later + 1_000, false);
      assert.deepEqual(await it.take(), []);
      await it.passTime(5_100);
      assert.deepEqual(await it.take(), [contractRecord('a', { attempts: 1, notBefore: later })]);
      await it.passTime(1_000);
      assert.deepEqual(await it.take(), [contractRecord('b', { notBefore: later + 1_000 })]);
      await it.queue.retry('a', Date.now(), true);
      assert.equal((await it.take())[0]?.attempts, 2);
    },
  ],
  [
    'gives what is due in the order of its time',
    async (it) => {
      const order = [5, 1, 9, 3, 7, 2, 8, 4, 6, 0];
      await it.put(...order.map((at) => contractRecord(`r${at}`)));
      await it.take();
      const start = Date.now() + 10_000;
      for (const at of order) await it.queue.retry(`r${at}`, start + at * 1_000, true);
      await it.passTime(14_900);
      assert.deepEqual(await it.takeIds(), ['r0', 'r1', 'r2', 'r3', 'r4']);
      await it.passTime(10_000);
      assert.deepEqual(await it.takeIds(3), ['r5', 'r6', 'r7']);
      assert.deepEqual(await it.takeIds(), ['r8', 'r9']);
    },
  ],
  [
    'gives a retried record only to its project',
    async (it) => {
      await it.put(contractRecord('a', { project: 'other' }), contractRecord('b'));
      await it.take(1, LEASE_MS, 'other');
      await it.take();
      await it.queue.retry('a', Date.now(), true);
      await it.queue.retry('b', Date.now(), true);
      assert.deepEqual(await it.takeIds(), ['b']);
      assert.deepEqual(await it.takeIds(1, LEASE_MS, 'other'), ['a']);
    },
  ],
  [
    'gives a record once, although its late owner puts it back after the lease',
    async (it) => {
      await it.put(contractRecord('a'));
      await it.take(1, 1_000);
      await it.passTime(1_100);
      // Whoever looks brings the lease back, without taking the record.
      await it.take(1, LEASE_MS, 'other');
      await it.queue.retry('a', Date.now(), true);
      assert.deepEqual(await it.takeIds(), ['a']);
      assert.deepEqual(await it.takeIds(), []);
    },
  ],
  [
    'moves a record to the dead letters, with the reason and the time',
    async (it) => {
      await it.put(contractRecord('a'));
      await it.take(1, 1_000);
      const before = Date.now();
      await it.queue.dead('a', 'Vero answered 400');
      const [letter, ...others] = await it.letters();
      assert.deepEqual(others, []);
      assert.deepEqual(letter?.record, contractRecord('a'));
      assert.equal(letter.reason, 'Vero answered 400');
      assert.ok(letter.at >= before - 1 && letter.at <= Date.now() + 1, 'it has the time');
      await it.passTime(2_000);
      assert.deepEqual(await it.take(), []);
    },
  ],
  [
    'does nothing about ids that it does not have',
    async (it) => {
      await it.put(contractRecord('a'));
      await it.queue.ack(['x', 'y']);
      await it.queue.retry('x', 0, true);
      await it.queue.dead('x', 'no');
      await it.queue.pauseUntil(Date.now(), 'default');
      assert.deepEqual(await it.counted(), { waiting: 1, taken: 0, deadLetters: 0 });
    },
  ],
  [
    'counts what waits, what is taken and what is dead',
    async (it) => {
      await it.put(...['a', 'b', 'c', 'd'].map((id) => contractRecord(id)));
      await it.take(3);
      assert.deepEqual(await it.counted(), { waiting: 4, taken: 3, deadLetters: 0 });
      await it.queue.dead('a', 'no');
      await it.queue.ack(['b']);
      await it.queue.retry('c', Date.now() + 5_000, false);
      assert.deepEqual(await it.counted(), { waiting: 2, taken: 0, deadLetters: 1 });
    },
  ],
  [
    'knows when a project has something to take again: now, later, or when a lease is over',
    async (it) => {
      const due = (): Promise<number | undefined> => Promise.resolve(it.queue.nextDueAt('default'));
      await it.put(contractRecord('a'), contractRecord('b'), contractRecord('o', { project: 'other' }));
      assert.ok(((await due()) ?? Number.POSITIVE_INFINITY) <= Date.now());
      await it.take();
      const lease = await due();
      assert.ok(
        lease !== undefined && Math.abs(lease - (Date.now() + LEASE_MS)) < 1_000,
        'the end of the lease',
      );
      const later = Date.now() + 7_000;
      await it.queue.retry('a', later + 1_000, false);
      await it.queue.retry('b', later, false);
      assert.equal(await due(), later);
      await it.queue.ack(['a', 'b']);
      assert.equal(await due(), undefined);
    },
  ],
  [
    'exports dead letters as lines of JSON',
    async (it) => {
      assert.equal(await it.queue.deadLetters.export(), '');
      await it.put(contractRecord('a'), contractRecord('b'));
      await it.take();
      await it.queue.dead('a', 'one');
      await it.queue.dead('b', 'two');
      const lines = (await it.queue.deadLetters.export()).trimEnd().split('\n');
      assert.deepEqual(
        lines.map((line) => JSON.parse(line)),
        await it.letters(),
      );
    },
  ],
  [
    'replays dead letters as new attempts of the same events',
    async (it) => {
      await withThreeDead(it);
      await it.passTime(90_000_000);
      assert.deepEqual(plain(await it.queue.deadLetters.replay()), { replayed: 3 });
      assert.deepEqual(await it.letters(), []);
      const records = await it.take();
      assert.deepEqual(idsOf(records), ['a', 'b', 'c']);
      for (const { attempts, acceptedAt, body, id } of records) {
        // Otherwise they would be too old at once.
        assert.ok(acceptedAt > 1_700_000_000_000 && acceptedAt <= Date.now());
        assert.deepEqual({ attempts, body }, { attempts: 0, body: contractRecord(id).body });
      }
    },
  ],
  [
    'replays only the dead letters that a filter names',
    async (it) => {
      await withThreeDead(it);
      const filter = ({ reason }: DeadLetter): boolean => reason !== 'no b';
      assert.deepEqual(plain(await it.queue.deadLetters.replay({ filter })), { replayed: 2 });
      assert.deepEqual(await it.takeIds(), ['a', 'c']);
      assert.deepEqual(idsOf((await it.letters()).map(({ record }) => record)), ['b']);
    },
  ],
  [
    'mends records that are replayed, and leaves those that can not be mended',
    async (it) => {
      await withThreeDead(it);
      const body = '{"event_name":"n","identity":{"id":"1"}}';
      const map = (record: QueueRecord): QueueRecord | null =>
        record.id === 'b' ? null : { ...record, body };
      assert.deepEqual(plain(await it.queue.deadLetters.replay({ map })), { replayed: 2 });
      assert.deepEqual(
        (await it.take()).map((record) => record.body),
        [body, body],
      );
      assert.deepEqual(idsOf((await it.letters()).map(({ record }) => record)), ['b']);
    },
  ],
  [
    'only counts in a dry run of a replay',
    async (it) => {
      await withThreeDead(it);
      assert.deepEqual(plain(await it.queue.deadLetters.replay({ dryRun: true })), { replayed: 3 });
      assert.equal((await it.letters()).length, 3);
      assert.deepEqual(await it.take(), []);
    },
  ],
  [
    'spreads a replay over time',
    async (it) => {
      await withThreeDead(it);
      await it.queue.deadLetters.replay({ ratePerSecond: 0.1 });
      assert.deepEqual(await it.takeIds(), ['a']);
      await it.passTime(10_100);
      assert.deepEqual(await it.takeIds(), ['b']);
      await it.passTime(10_100);
      assert.deepEqual(await it.takeIds(), ['c']);
    },
  ],
  [
    'tells those who listen of what was replayed, until they leave',
    async (it) => {
      if (!it.queue.onAvailable) return;
      await withThreeDead(it);
      let told = 0;
      const off = it.queue.onAvailable(() => told++);
      await it.queue.deadLetters.replay({ filter: () => false });
      await it.queue.deadLetters.replay({ dryRun: true });
      assert.equal(told, 0);
      await it.queue.deadLetters.replay({ filter: ({ record }) => record.id === 'a' });
      assert.equal(told, 1);
      off();
      await it.queue.deadLetters.replay();
      assert.equal(told, 1);
    },
  ],
];

const SHARED_CASES: readonly Case[] = [
  [
    'gives each record to one of those who share it',
    async (it) => {
      const other = await it.openAgain();
      const ids = Array.from({ length: 50 }, (_, n) => `r${n}`);
      await it.put(...ids.slice(0, 25).map((id) => contractRecord(id)));
      await other.put(...ids.slice(25).map((id) => contractRecord(id)));
      const taken: string[] = [];
      for (let turn = 0; turn < 30; turn++) taken.push(...(await (turn % 2 ? it : other).takeIds(3)));
      assert.deepEqual(taken.toSorted(), ids.toSorted());
    },
  ],
  [
    'gives the records of one who left, when their lease is over, to another',
    async (it) => {
      const other = await it.openAgain();
      await other.put(contractRecord('a'), contractRecord('b'));
      assert.deepEqual(await other.takeIds(1, 1_000), ['a']);
      assert.deepEqual(await it.takeIds(1, 5_000), ['b']);
      await it.passTime(1_100);
      assert.deepEqual(await it.takeIds(), ['a']);
    },
  ],
  [
    'lets nobody put back, late, what another has taken meanwhile',
    async (it) => {
      const other = await it.openAgain();
      await it.put(contractRecord('a'));
      assert.deepEqual(await it.takeIds(1, 1_000), ['a']);
      await it.passTime(1_100);
      assert.deepEqual(await other.takeIds(), ['a']);
      await it.queue.retry('a', Date.now(), true);
      assert.deepEqual(await it.takeIds(), []);
      assert.deepEqual(await other.takeIds(), []);
    },
  ],
  [
    'lets nobody forget, late, what others have put meanwhile',
    async (it) => {
      const other = await it.openAgain();
      await it.put(contractRecord('a'));
      assert.deepEqual(await it.takeIds(1, 1_000), ['a']);
      await it.passTime(1_100);
      assert.deepEqual(await other.takeIds(), ['a']);
      await other.queue.ack(['a']);
      await other.put(contractRecord('b'));
      await it.queue.ack(['a']);
      await it.queue.dead('a', 'no');
      assert.deepEqual(await it.takeIds(), ['b']);
      assert.deepEqual(await it.letters(), []);
    },
  ],
  [
    'gives nothing to anybody while it is paused, and then everything',
    async (it) => {
      const other = await it.openAgain();
      await it.put(contractRecord('a'), contractRecord('o', { project: 'other' }));
      const until = Date.now() + 5_000;
      await it.queue.pauseUntil(until, 'default');
      await it.queue.pauseUntil(until - 4_000, 'default');
      assert.deepEqual(await other.takeIds(), []);
      assert.deepEqual(await it.takeIds(), []);
      assert.equal(await other.queue.nextDueAt('default'), until);
      assert.deepEqual(await other.takeIds(5, LEASE_MS, 'other'), ['o']);
      await it.passTime(5_100);
      assert.deepEqual(await other.takeIds(), ['a']);
    },
  ],
  [
    'knows which records it no longer has',
    async (it) => {
      if (!it.queue.missing) return;
      const other = await it.openAgain();
      await it.put(contractRecord('a'), contractRecord('b'), contractRecord('c'));
      assert.deepEqual(plain(await it.queue.missing(['a', 'b', 'c'])), []);
      await other.take(2);
      await other.queue.ack(['a']);
      await other.queue.dead('b', 'no');
      assert.deepEqual(plain(await it.queue.missing(['a', 'b', 'c', 'd'])), ['a', 'b', 'd']);
    },
  ],
];

async function withThreeDead(it: Subject): Promise<void> {
  await it.put(...['a', 'b', 'c'].map((id) => contractRecord(id, { attempts: 3 })));
  await it.take();
  for (const id of ['a', 'b', 'c']) await it.queue.dead(id, `no ${id}`);
}

const idsOf = (records: readonly QueueRecord[]): string[] => records.map(({ id }) => id);

/** A database's rows have no prototype. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
