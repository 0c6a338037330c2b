import assert from 'node:assert/strict';
import { type Case, contractRecord, LEASE_MS } from './subject.ts';

/** What becomes of records. */
export const RECORD_CASES: readonly Case[] = [
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
      const taken = [await it.takeIds(2), await it.takeIds(2), await it.takeIds(2)];
      assert.deepEqual(
        taken.map((ids) => ids.length),
        [2, 1, 0],
      );
      assert.deepEqual(taken.flat().toSorted(), ['a', 'b', 'c']);
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
      await it.putEach(
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
      await it.putEach(contractRecord('a'), contractRecord('b'));
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
      await it.putEach(...order.toSorted().map((at) => contractRecord(`r${at}`)));
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
      await it.putEach(...['a', 'b', 'c', 'd'].map((id) => contractRecord(id)));
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
];
