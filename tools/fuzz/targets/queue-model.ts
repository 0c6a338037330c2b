import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type EventQueue, memoryQueue, type QueueRecord } from '../../../packages/core/src/index.ts';
import { contractRecord } from '../../../packages/core/src/queue-contract.ts';
import { sqliteQueue } from '../../../packages/sqlite/src/index.ts';
import { type FuzzTarget, must } from '../target.ts';

const CAPACITY = 12;
const LEASE_MS = 1_000;
const PROJECTS = ['default', 'other'] as const;

type Step =
  | { readonly do: 'put'; readonly count: number; readonly project: (typeof PROJECTS)[number] }
  | { readonly do: 'take'; readonly n: number; readonly project: (typeof PROJECTS)[number] }
  | { readonly do: 'ack' | 'dead'; readonly which: number }
  | { readonly do: 'retry'; readonly which: number; readonly inMs: number; readonly counts: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'replay'; readonly dryRun: boolean };

const project = fc.constantFrom(...PROJECTS);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('put' as const), count: fc.integer({ min: 1, max: 4 }), project }),
  fc.record({ do: fc.constant('take' as const), n: fc.integer({ min: 1, max: 5 }), project }),
  fc.record({ do: fc.constantFrom('ack' as const, 'dead' as const), which: fc.nat() }),
  fc.record({
    do: fc.constant('retry' as const),
    which: fc.nat(),
    inMs: fc.nat({ max: 3_000 }),
    counts: fc.boolean(),
  }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat({ max: 1_500 }) }),
  fc.record({ do: fc.constant('replay' as const), dryRun: fc.boolean() }),
);

/** What a queue of the simplest kind knows of an event. */
interface Known {
  readonly project: string;
  attempts: number;
  /** When it may be taken. */
  due: number;
  isTaken: boolean;
}

const QUEUES = {
  memory: () => memoryQueue({ capacity: CAPACITY }),
  sqlite: (path: string) => sqliteQueue({ path, capacity: CAPACITY }),
};

export const queueModel: FuzzTarget = {
  name: 'queue-model',
  what: 'sequences of put, take, ack, retry, dead and replay, as time goes on, in memory and in SQLite, beside a model',
  async open() {
    const folder = mkdtempSync(join(tmpdir(), 'verotrack-fuzz-'));
    let made = 0;
    const kinds = fc.constantFrom(...(['memory', 'sqlite'] as const));
    const property = fc.asyncProperty(kinds, fc.array(step, { maxLength: 40 }), async (kind, steps) => {
      const path = join(folder, `queue-${made++}.db`);
      const queue = QUEUES[kind](path);
      try {
        await atOwnTime((clock) => follow(queue, steps, clock));
      } finally {
        await queue.close();
        rmSync(path, { force: true });
      }
    });
    return { property, close: async () => rmSync(folder, { recursive: true }) };
  },
};

interface Clock {
  now: number;
}

/** Time passes only when a step says so. */
async function atOwnTime(work: (clock: Clock) => Promise<void>): Promise<void> {
  const { now } = Date;
  const clock = { now: now() };
  Date.now = () => clock.now;
  try {
    await work(clock);
  } finally {
    Date.now = now;
  }
}

async function follow(queue: EventQueue, steps: readonly Step[], clock: Clock): Promise<void> {
  const waiting = new Map<string, Known>();
  const dead = new Map<string, Known>();
  let made = 0;
  const pick = (which: number): string | undefined => {
    const taken = [...waiting].filter(([, { isTaken, due }]) => isTaken && due > clock.now);
    return taken[which % taken.length]?.[0];
  };
  for (const each of steps) {
    switch (each.do) {
      case 'put': {
        const records = Array.from({ length: each.count }, () =>
          contractRecord(`event-${made++}`, { project: each.project, acceptedAt: clock.now }),
        );
        const dropped = await queue.put(records);
        must(
          dropped.length === Math.max(0, waiting.size + records.length - CAPACITY),
          'it dropped too few or too many',
        );
        for (const { id } of records)
          if (!dropped.some((record) => record.id === id))
            waiting.set(id, { project: each.project, attempts: 0, due: 0, isTaken: false });
        break;
      }
      case 'take': {
        const expected = [...waiting].filter(
          ([, known]) => known.project === each.project && known.due <= clock.now,
        );
        const records = await queue.take(each.n, LEASE_MS, each.project);
        must(
          records.length === Math.min(each.n, expected.length),
          `it gave ${records.length} of ${expected.length}`,
        );
        for (const record of records) assertSame(record, expected.find(([id]) => id === record.id)?.[1]);
        for (const { id } of records)
          Object.assign(waiting.get(id) ?? {}, { due: clock.now + LEASE_MS, isTaken: true });
        break;
      }
      case 'ack':
      case 'dead': {
        const id = pick(each.which);
        const known = id === undefined ? undefined : waiting.get(id);
        if (id === undefined || !known) break;
        waiting.delete(id);
        if (each.do === 'ack') await queue.ack([id]);
        else {
          await queue.dead(id, 'why');
          dead.set(id, known);
        }
        break;
      }
      case 'retry': {
        const id = pick(each.which);
        const known = id === undefined ? undefined : waiting.get(id);
        if (id === undefined || !known) break;
        await queue.retry(id, clock.now + each.inMs, each.counts);
        known.due = clock.now + each.inMs;
        known.isTaken = false;
        if (each.counts) known.attempts++;
        break;
      }
      case 'wait':
        clock.now += each.ms;
        break;
      case 'replay': {
        const room = CAPACITY - waiting.size;
        const { replayed } = await queue.deadLetters.replay({ dryRun: each.dryRun });
        must(replayed === (each.dryRun ? dead.size : Math.min(dead.size, room)), `it replayed ${replayed}`);
        if (each.dryRun) break;
        for (const [id, known] of [...dead].slice(0, replayed)) {
          dead.delete(id);
          waiting.set(id, { ...known, attempts: 0, due: 0, isTaken: false });
        }
      }
    }
    const counts = await queue.counts();
    const taken = [...waiting.values()].filter(({ isTaken, due }) => isTaken && due > clock.now).length;
    const expected = { waiting: waiting.size, taken, deadLetters: dead.size };
    must(
      counts.waiting === expected.waiting && counts.taken === taken && counts.deadLetters === dead.size,
      `after ${each.do} it counts ${JSON.stringify(counts)}, and there are ${JSON.stringify(expected)}`,
    );
  }
}

function assertSame(record: QueueRecord, known: Known | undefined): void {
  must(known !== undefined, `it gave ${record.id}, which is not due`);
  must(record.attempts === known?.attempts, `${record.id} has ${record.attempts} attempts`);
  must(record.body === contractRecord(record.id).body, `${record.id} has another body`);
}
