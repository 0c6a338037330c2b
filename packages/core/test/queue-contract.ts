import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeadLetter, EventQueue, QueueRecord } from '../src/index.ts';

/** A record as the engine makes it. */
export function recordOf(id: string, more: Partial<QueueRecord> = {}): QueueRecord {
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

export const idsOf = (records: readonly QueueRecord[]): string[] => records.map(({ id }) => id);

const LEASE = 60_000;

/** What every queue must do. `makeQueue` gives an empty one each time. */
export function queueContract(name: string, makeQueue: () => EventQueue | Promise<EventQueue>): void {
  describe(`${name}, as every queue`, () => {
    let queue: EventQueue;

    const put = async (...records: readonly QueueRecord[]): Promise<void> => {
      expect(await queue.put(records)).toEqual([]);
    };
    const take = async (n = 100, leaseMs = LEASE, project = 'default'): Promise<readonly QueueRecord[]> =>
      await queue.take(n, leaseMs, project);
    const letters = async (): Promise<readonly DeadLetter[]> => await queue.deadLetters.list();
    const passTime = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

    beforeEach(async () => {
      vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 });
      queue = await makeQueue();
    });
    afterEach(async () => {
      await queue.close();
      vi.useRealTimers();
    });

    it('is empty at first', async () => {
      expect(await take()).toEqual([]);
      expect(await queue.counts()).toEqual({ waiting: 0, taken: 0, deadLetters: 0, nextDueAt: undefined });
      expect(await letters()).toEqual([]);
    });

    it('gives records back as they were put, oldest first', async () => {
      const records = ['a', 'b', 'c'].map((id) => recordOf(id));
      await put(...records.slice(0, 2));
      await put(...records.slice(2));
      expect(await take()).toEqual(records);
    });

    it('gives no more than asked for', async () => {
      await put(recordOf('a'), recordOf('b'), recordOf('c'));
      expect(idsOf(await take(2))).toEqual(['a', 'b']);
      expect(idsOf(await take(2))).toEqual(['c']);
      expect(await take(2)).toEqual([]);
    });

    it('keeps every byte of a body', async () => {
      const body = JSON.stringify({
        event_name: 'né',
        data: { text: 'é🎉\u0000\u2028"\\ \ud83d', big: 'x'.repeat(100_000) },
      });
      await put(recordOf('a', { body, name: 'né "quoted"', trace: '00-abc-def-01' }));
      expect((await take())[0]).toEqual(recordOf('a', { body, name: 'né "quoted"', trace: '00-abc-def-01' }));
    });

    it('gives a project only its own records', async () => {
      await put(
        recordOf('a'),
        recordOf('b', { project: 'other' }),
        recordOf('c'),
        recordOf('d', { project: 'other' }),
      );
      expect(idsOf(await take(1, LEASE, 'other'))).toEqual(['b']);
      expect(idsOf(await take())).toEqual(['a', 'c']);
      expect(await take(5, LEASE, 'third')).toEqual([]);
      expect(idsOf(await take(5, LEASE, 'other'))).toEqual(['d']);
    });

    it('gives a record that was taken to nobody else until its lease is over', async () => {
      await put(recordOf('a'));
      expect(idsOf(await take(1, 1_000))).toEqual(['a']);
      passTime(999);
      expect(await take()).toEqual([]);
      passTime(2);
      await put(recordOf('b'));
      expect(idsOf(await take())).toEqual(['a', 'b']);
      expect(await take()).toEqual([]);
    });

    it('forgets what was acknowledged', async () => {
      await put(recordOf('a'), recordOf('b'));
      await take(1, 1_000);
      await queue.ack(['a']);
      passTime(2_000);
      expect(idsOf(await take())).toEqual(['b']);
      expect(await letters()).toEqual([]);
    });

    it('takes back a record for later, and counts the attempt only if told to', async () => {
      await put(recordOf('a'), recordOf('b'));
      await take();
      const later = Date.now() + 5_000;
      await queue.retry('a', later, true);
      await queue.retry('b', later + 1_000, false);
      expect(await take()).toEqual([]);
      passTime(5_001);
      expect(await take()).toEqual([recordOf('a', { attempts: 1, notBefore: later })]);
      passTime(1_000);
      expect(await take()).toEqual([recordOf('b', { notBefore: later + 1_000 })]);
      await queue.retry('a', Date.now(), true);
      expect((await take())[0]?.attempts).toBe(2);
    });

    it('gives what is due in the order of its time', async () => {
      const order = [5, 1, 9, 3, 7, 2, 8, 4, 6, 0];
      await put(...order.map((at) => recordOf(`r${at}`)));
      await take();
      for (const at of order) await queue.retry(`r${at}`, Date.now() + at * 100, true);
      passTime(450);
      expect(idsOf(await take())).toEqual(['r0', 'r1', 'r2', 'r3', 'r4']);
      passTime(1_000);
      expect(idsOf(await take(3))).toEqual(['r5', 'r6', 'r7']);
      expect(idsOf(await take())).toEqual(['r8', 'r9']);
    });

    it('gives a retried record only to its project', async () => {
      await put(recordOf('a', { project: 'other' }), recordOf('b'));
      await take(1, LEASE, 'other');
      await take();
      await queue.retry('a', Date.now(), true);
      await queue.retry('b', Date.now(), true);
      expect(idsOf(await take())).toEqual(['b']);
      expect(idsOf(await take(1, LEASE, 'other'))).toEqual(['a']);
    });

    it('gives a record once, although its late owner puts it back after the lease', async () => {
      await put(recordOf('a'), recordOf('b', { project: 'other' }));
      await take(1, 1_000);
      passTime(1_001);
      // Brings the lease back, without giving the record to anybody.
      await take(1, LEASE, 'other');
      await queue.retry('a', Date.now(), true);
      expect(idsOf(await take())).toEqual(['a']);
      expect(await take()).toEqual([]);
      await queue.ack(['a', 'b']);
      expect(await queue.counts()).toMatchObject({ waiting: 0, taken: 0 });
      passTime(2 * LEASE);
      expect(await take()).toEqual([]);
    });

    it('moves a record to the dead letters, with the reason and the time', async () => {
      await put(recordOf('a'));
      await take(1, 1_000);
      await queue.dead('a', 'Vero answered 400');
      expect(await letters()).toEqual([
        { record: recordOf('a'), reason: 'Vero answered 400', at: Date.now() },
      ]);
      passTime(2_000);
      expect(await take()).toEqual([]);
    });

    it('does nothing about ids that it does not have', async () => {
      await put(recordOf('a'));
      await queue.ack(['x', 'y']);
      await queue.retry('x', 0, true);
      await queue.dead('x', 'no');
      await queue.pauseUntil(Date.now());
      expect(await queue.counts()).toMatchObject({ waiting: 1, taken: 0, deadLetters: 0 });
    });

    it('counts what waits, what is taken, what is dead and when the next is due', async () => {
      await put(recordOf('a'), recordOf('b'), recordOf('c'), recordOf('d'));
      expect((await queue.counts()).nextDueAt).toBeLessThanOrEqual(Date.now());
      await take();
      expect(await queue.counts()).toMatchObject({ waiting: 4, taken: 4 });
      await queue.dead('a', 'no');
      await queue.ack(['b']);
      const due = Date.now() + 7_000;
      await queue.retry('c', due + 1_000, false);
      await queue.retry('d', due, false);
      expect(await queue.counts()).toEqual({ waiting: 2, taken: 0, deadLetters: 1, nextDueAt: due });
    });

    it('exports dead letters as lines of JSON', async () => {
      expect(await queue.deadLetters.export()).toBe('');
      await put(recordOf('a'), recordOf('b'));
      await take();
      await queue.dead('a', 'one');
      await queue.dead('b', 'two');
      const lines = (await queue.deadLetters.export()).trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line))).toEqual(await letters());
    });

    describe('replaying dead letters', () => {
      beforeEach(async () => {
        await put(...['a', 'b', 'c'].map((id) => recordOf(id, { attempts: 3 })));
        await take();
        for (const id of ['a', 'b', 'c']) await queue.dead(id, `no ${id}`);
      });

      it('puts them back as new attempts of the same events', async () => {
        passTime(90_000_000);
        expect(await queue.deadLetters.replay()).toEqual({ replayed: 3 });
        expect(await letters()).toEqual([]);
        const records = await take();
        expect(idsOf(records)).toEqual(['a', 'b', 'c']);
        // Otherwise they would be too old at once.
        for (const record of records) expect(record).toMatchObject({ attempts: 0, acceptedAt: Date.now() });
        expect(records[0]?.body).toBe(recordOf('a').body);
      });

      it('takes those that a filter names', async () => {
        expect(await queue.deadLetters.replay({ filter: ({ reason }) => reason !== 'no b' })).toEqual({
          replayed: 2,
        });
        expect(idsOf(await take())).toEqual(['a', 'c']);
        expect((await letters()).map(({ record }) => record.id)).toEqual(['b']);
      });

      it('mends records, and leaves those that can not be mended', async () => {
        const map = (record: QueueRecord) =>
          record.id === 'b' ? null : { ...record, body: '{"mended":true}' };
        expect(await queue.deadLetters.replay({ map })).toEqual({ replayed: 2 });
        expect((await take()).map(({ body }) => body)).toEqual(['{"mended":true}', '{"mended":true}']);
        expect((await letters()).map(({ record }) => record.id)).toEqual(['b']);
      });

      it('only counts in a dry run', async () => {
        expect(await queue.deadLetters.replay({ dryRun: true })).toEqual({ replayed: 3 });
        expect(await letters()).toHaveLength(3);
        expect(await take()).toEqual([]);
      });

      it('spreads them over time', async () => {
        await queue.deadLetters.replay({ ratePerSecond: 2 });
        expect(idsOf(await take())).toEqual(['a']);
        passTime(501);
        expect(idsOf(await take())).toEqual(['b']);
        passTime(501);
        expect(idsOf(await take())).toEqual(['c']);
      });

      it('tells whoever takes from the queue', async () => {
        let told = 0;
        const off = queue.onAvailable?.(() => told++);
        await queue.deadLetters.replay({ filter: () => false });
        await queue.deadLetters.replay({ dryRun: true });
        expect(told).toBe(0);
        await queue.deadLetters.replay({ filter: ({ record }) => record.id === 'a' });
        if (off) expect(told).toBe(1);
        off?.();
        await queue.deadLetters.replay();
        if (off) expect(told).toBe(1);
      });
    });
  });
}
