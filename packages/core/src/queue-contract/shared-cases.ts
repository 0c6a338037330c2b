import assert from 'node:assert/strict';
import { type Case, contractRecord, LEASE_MS, plain } from './subject.ts';

/** What holds where several share a store. */
export const SHARED_CASES: readonly Case[] = [
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
      await other.putEach(contractRecord('a'), contractRecord('b'));
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
      await it.putEach(contractRecord('a'), contractRecord('b'), contractRecord('c'));
      assert.deepEqual(plain(await it.queue.missing(['a', 'b', 'c'])), []);
      await other.take(2);
      await other.queue.ack(['a']);
      await other.queue.dead('b', 'no');
      assert.deepEqual(plain(await it.queue.missing(['a', 'b', 'c', 'd'])), ['a', 'b', 'd']);
    },
  ],
];
