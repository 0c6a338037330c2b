import assert from 'node:assert/strict';
import { isVeroError } from '../errors.ts';
import type { DeadLetter, QueueRecord } from '../queue/contract.ts';
import { type Case, contractRecord, idsOf, plain, type Subject } from './subject.ts';

/** What can be done with those that are given up. */
export const DEAD_LETTER_CASES: readonly Case[] = [
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
    'keeps the ids of records that are mended, so that none takes the place of another',
    async (it) => {
      await withThreeDead(it);
      const map = (record: QueueRecord): QueueRecord => ({ ...record, id: 'same' });
      assert.deepEqual(plain(await it.queue.deadLetters.replay({ map })), { replayed: 3 });
      assert.deepEqual(await it.takeIds(), ['a', 'b', 'c']);
    },
  ],
  [
    'replays nothing when what was mended could not be sent, and says why',
    async (it) => {
      await withThreeDead(it);
      const mended = [
        { body: '{"event_name":' },
        { body: { event_name: 'n', identity: { id: '1' } } },
        { body: ['{"event_name":"n","identity":{"id":"1"}}'] },
        { name: 'another' },
        { project: 1 },
      ];
      for (const change of mended) {
        const map = (record: QueueRecord): QueueRecord =>
          (record.id === 'b' ? { ...record, ...change } : record) as QueueRecord;
        await assert.rejects(
          async () => it.queue.deadLetters.replay({ map }),
          (thrown) =>
            isVeroError(thrown) && thrown.code === 'VERO_CONFIG' && /replay: map .* b: /.test(thrown.message),
        );
      }
      assert.equal((await it.letters()).length, 3);
      assert.deepEqual(await it.take(), []);
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

async function withThreeDead(it: Subject): Promise<void> {
  await it.put(...['a', 'b', 'c'].map((id) => contractRecord(id, { attempts: 3 })));
  await it.take();
  for (const id of ['a', 'b', 'c']) await it.queue.dead(id, `no ${id}`);
}
