import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { createVero, isVeroError, type QueueRecord, type Vero } from '../../../packages/core/src/index.ts';
import { contractRecord } from '../../../packages/core/src/queue-contract.ts';
import { sqliteQueue } from '../../../packages/sqlite/src/index.ts';
import { type Mutation, mutate, mutations } from '../mutations.ts';
import { type FuzzTarget, must } from '../target.ts';

/** Only ends what hangs, also on a machine that is busy. */
const LIMIT_MS = 20_000;
const INTACT = 4;
const PAGE_BYTES = 2_048;

const COLUMNS = [
  'v',
  'kind',
  'project',
  'name',
  'accepted_at',
  'attempts',
  'not_before',
  'due',
  'owner',
  'trace',
  'body',
];
const value = fc.oneof(
  fc.constantFrom(0, 1, 2, -1, 2 ** 53, -(2 ** 53), 1.5, 2n ** 63n - 1n, -(2n ** 63n), 8.64e15 + 1, 4e12),
  fc.constantFrom('', 'track', 'default', '{', '{}', 'null', '[]', '"', '{"event_name":"n"}', '\0', '\ud800'),
  fc.constantFrom('a+1+2+3', null),
  fc.json(),
  fc.string({ unit: 'binary' }),
  fc.maxSafeInteger(),
);

const change = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(fc.constantFrom(...COLUMNS), value) },
  fc.constant([
    'body',
    '{"event_name":"n","identity":{"id":"1"},"auth_token":"tok_secret_of_another"}',
  ] as const),
);

interface Damage {
  /** Of one record each: some of its columns. */
  readonly rows: readonly (readonly (readonly [column: string, value: string | number | bigint | null])[])[];
  readonly letters: readonly string[];
  /** A line beside the file, and what happened to its bytes. */
  readonly spilled: readonly (readonly Mutation[])[];
  readonly at: string | number | bigint | null;
}

const damage: fc.Arbitrary<Damage> = fc.record({
  rows: fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { maxLength: 4 }),
  letters: fc.array(fc.oneof(fc.json(), fc.string()), { maxLength: 2 }),
  spilled: fc.array(mutations, { maxLength: 3 }),
  at: value,
});

export const queueRows: FuzzTarget = {
  name: 'queue-rows',
  what: 'files of the SQLite queue, and those beside them, of which rows and lines were changed',
  async open() {
    const folder = mkdtempSync(join(tmpdir(), 'verotrack-fuzz-'));
    let made = 0;
    const property = fc.asyncProperty(damage, async (what) => {
      const path = join(folder, `queue-${made++}.db`);
      await write(path, what.rows.length);
      const before = changeRows(path, what);
      writeSpill(path, what.spilled);
      const { vero, delivered, told } = open(path);
      await reached(vero, () => INTACT + 1 <= delivered.filter((name) => name === 'intact').length);
      const letters = await vero.deadLetters.list();
      must(
        letters.some(({ reason }) => reason === 'intact'),
        'a dead letter that is intact is not listed',
      );
      await vero.deadLetters.export();
      const { accepted, taken, delivered: sent, rejected, dropped, handedOver, pending } = vero.stats();
      must(accepted + taken === sent + rejected + dropped + handedOver + pending, 'the books do not close');
      await vero.close({ timeout: 20 });
      const after = countRows(path);
      const fromRows = delivered.filter((name) => name !== 'beside').length - 1;
      must(
        before.events + before.letters <= after.events + after.letters + fromRows,
        `of ${before.events} events and ${before.letters} letters, ${after.events} and ${after.letters} are left, and ${fromRows} were sent`,
      );
      must(
        told.every((line) => !line.includes('tok_secret_')),
        'a credential in a body was told',
      );
      rmSync(path);
    });
    return { property, close: async () => rmSync(folder, { recursive: true }) };
  },
};

export const queueBytes: FuzzTarget = {
  name: 'queue-bytes',
  what: 'files of the SQLite queue whose bytes were changed, cut, repeated or swapped',
  async open() {
    const folder = mkdtempSync(join(tmpdir(), 'verotrack-fuzz-'));
    const original = join(folder, 'original.db');
    await write(original, 20);
    const whole = readFileSync(original);
    let made = 0;
    const property = fc.asyncProperty(mutations, async (changes) => {
      const path = join(folder, `queue-${made++}.db`);
      const bytes = mutate(whole, changes);
      writeFileSync(path, bytes);
      try {
        const { vero, delivered } = open(path);
        vero.track('fresh', { identity: { id: '1' } });
        const all = changes.length === 0 ? INTACT + 20 + 1 : 1;
        await reached(vero, () => delivered.includes('fresh') && delivered.length >= all);
        await vero.close({ timeout: 20 });
      } catch (thrown) {
        if (!isVeroError(thrown) || thrown.code !== 'VERO_QUEUE') throw thrown;
        // SQLite cuts what is at the end and no whole page.
        const left = readFileSync(path);
        const isSame = bytes.length - left.length < PAGE_BYTES && left.equals(bytes.subarray(0, left.length));
        must(
          isSame || !thrown.message.includes('left as it'),
          'a file was changed that it says is left as it is',
        );
      }
      must(existsSync(path), 'the file is gone');
      for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
    });
    return { property, close: async () => rmSync(folder, { recursive: true }) };
  },
};

const intact = (id: string): QueueRecord =>
  contractRecord(id, { name: 'intact', body: '{"event_name":"intact","identity":{"id":"1"}}' });

/** A file with events that stay intact, others, and a dead letter. */
async function write(path: string, others: number): Promise<void> {
  const queue = sqliteQueue({ path });
  queue.put(Array.from({ length: INTACT }, (_, index) => intact(`intact-${index}`)));
  queue.put(Array.from({ length: others }, (_, index) => contractRecord(`other-${index}`)));
  queue.put([intact('letter')]);
  await queue.dead('letter', 'intact');
  await queue.close();
}

interface Counted {
  readonly events: number;
  readonly letters: number;
}

function changeRows(path: string, { rows, letters, at }: Damage): Counted {
  const database = new DatabaseSync(path);
  rows.forEach((changes, index) => {
    for (const [column, to] of changes) {
      try {
        database.prepare(`UPDATE events SET ${column} = ? WHERE id = ?`).run(to, `other-${index}`);
      } catch {
        // Not every column takes everything.
      }
    }
  });
  for (const letter of letters) {
    try {
      const add = database.prepare('INSERT INTO dead_letters (id, at, reason, record) VALUES (?, ?, ?, ?)');
      add.run('changed', at, 'changed', letter);
    } catch {
      // As above.
    }
  }
  database.close();
  return countRows(path);
}

function countRows(path: string): Counted {
  const database = new DatabaseSync(path);
  const count = (table: string): number =>
    (database.prepare(`SELECT COUNT(*) AS n FROM ${table}`).get() as { n: number }).n;
  const counted = { events: count('events'), letters: count('dead_letters') };
  database.close();
  return counted;
}

/** What a process left beside the file that closed its queue: one line is intact. */
function writeSpill(path: string, spilled: Damage['spilled']): void {
  const lineOf = (put: QueueRecord): Buffer => Buffer.from(`\n${JSON.stringify({ put })}`);
  const beside = contractRecord('beside', {
    name: 'beside',
    body: '{"event_name":"beside","identity":{"id":"1"}}',
  });
  const lines = spilled.map((changes, index) =>
    mutate(lineOf({ ...beside, id: `beside-${index}` }), changes),
  );
  writeFileSync(
    `${path}-spill-%left+fuzz`,
    Buffer.concat([lineOf(intact('beside')), Buffer.from('\n'), ...lines]),
  );
}

function open(path: string): { vero: Vero; delivered: string[]; told: string[] } {
  const delivered: string[] = [];
  const told: string[] = [];
  const vero = createVero({
    authToken: 'tok_of_the_fuzzing',
    queue: sqliteQueue({ path }),
    transport: {
      send: async ({ body }) => {
        delivered.push((JSON.parse(body) as { event_name: string }).event_name);
        return { status: 200 };
      },
    },
    delivery: { timeoutMs: 100, retry: { baseMs: 1, maxMs: 5 } },
    beforeSend: () => true,
    logger: (message) => void told.push(message),
  });
  return { vero, delivered, told };
}

async function reached(vero: Vero, isSo: () => boolean): Promise<void> {
  const start = performance.now();
  while (!isSo()) {
    if (performance.now() - start > LIMIT_MS)
      throw new Error(`what is intact was not delivered: ${JSON.stringify(vero.stats())}`);
    await vero.flush({ timeout: 5 });
    await new Promise(setImmediate);
  }
}
