import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { QueueRecord } from '@verotrack/core/queue';
import { isGone, isOfThisHost } from './owners.ts';

/** What is known of a process elsewhere: that it would have put this into the queue long since. */
const ABANDONED_MS = 10 * 60_000;
/** Stands for an owner that closed its queue. */
const NOBODY = 'left';

/** A line of the file: a record that waits, or the id of one that waits no more. */
type Line = { readonly put: QueueRecord } | { readonly end: string };

/**
 * Beside the queue's file: the records that it did not take, so that they outlive the process. Each process writes its
 * own, so no lock is needed; it is gone as soon as nothing waits.
 */
export class SpillFile {
  readonly #queuePath: string;
  readonly #owner: string;
  readonly #isFull: boolean;
  #file: number | undefined;

  /** @param isFull - whether to wait for the disk, as with `synchronous: 'full'` */
  constructor(queuePath: string, owner: string, isFull: boolean) {
    this.#queuePath = queuePath;
    this.#owner = owner;
    this.#isFull = isFull;
  }

  /** Says whether they are on the disk. */
  append(lines: readonly Line[]): boolean {
    try {
      this.#file ??= openSync(this.#path(this.#owner), 'a', 0o600);
      // What could not be written whole ends where the next begins.
      const text = lines.map((line) => `\n${JSON.stringify(line)}`).join('');
      const bytes = Buffer.from(text);
      if (writeSync(this.#file, bytes) < bytes.length) return false;
      if (this.#isFull) fsyncSync(this.#file);
      return true;
    } catch {
      return false;
    }
  }

  /** Nothing waits any more. */
  remove(): void {
    if (this.#close()) contained(() => unlinkSync(this.#path(this.#owner)));
  }

  /** Leaves what waits to whoever opens the queue next. */
  leave(): void {
    if (!this.#close()) return;
    contained(() => renameSync(this.#path(this.#owner), this.#path(`${NOBODY}+${this.#owner}`)));
  }

  /** Gives `take` what processes left that died; it is theirs until `take` has returned. Says of how many lines nothing is known. */
  adopt(take: (records: readonly QueueRecord[]) => void): { unreadable: number } {
    let unreadable = 0;
    for (const [i, owner] of this.#abandoned().entries()) {
      const ours = this.#path(`${this.#owner}+${i}`);
      // Of several that try, one succeeds.
      if (!contained(() => renameSync(this.#path(owner), ours))) continue;
      const read = readLines(readFileSync(ours, 'utf8'));
      unreadable += read.unreadable;
      take(read.records);
      contained(() => unlinkSync(ours));
    }
    return { unreadable };
  }

  #abandoned(): string[] {
    const start = `${basename(this.#queuePath)}${INFIX}`;
    return readdirSync(dirname(this.#queuePath))
      .filter((name) => name.startsWith(start))
      .map((name) => name.slice(start.length))
      .filter((owner) => owner.startsWith(`${NOBODY}+`) || isGone(owner) || this.#isAbandoned(owner));
  }

  #isAbandoned(owner: string): boolean {
    if (isOfThisHost(owner)) return false;
    return Date.now() - (statSync(this.#path(owner), { throwIfNoEntry: false })?.mtimeMs ?? 0) > ABANDONED_MS;
  }

  #path(owner: string): string {
    return join(dirname(this.#queuePath), `${basename(this.#queuePath)}${INFIX}${owner}`);
  }

  #close(): boolean {
    if (this.#file === undefined) return false;
    closeSync(this.#file);
    this.#file = undefined;
    return true;
  }
}

const INFIX = '-spill-';

function readLines(text: string): { records: QueueRecord[]; unreadable: number } {
  const records = new Map<string, QueueRecord>();
  let unreadable = 0;
  for (const each of text.split('\n')) {
    if (each === '') continue;
    const line = parse(each);
    if (line === undefined) unreadable++;
    else if ('end' in line) records.delete(line.end);
    else records.set(line.put.id, line.put);
  }
  return { records: [...records.values()], unreadable };
}

function parse(text: string): Line | undefined {
  try {
    const line = JSON.parse(text) as Partial<{ put: Partial<QueueRecord>; end: unknown }>;
    if (typeof line.end === 'string') return { end: line.end };
    const { v, id, kind, project, name, acceptedAt, attempts, notBefore, body, trace } = line.put ?? {};
    const texts = [id, kind, project, name, body].every((value) => typeof value === 'string');
    const numbers = [v, acceptedAt, attempts, notBefore].every((value) => Number.isFinite(value));
    if (!texts || !numbers || (trace !== undefined && typeof trace !== 'string')) return undefined;
    return { put: line.put as QueueRecord };
  } catch {
    return undefined;
  }
}

/** A file that another has moved or removed meanwhile is his. */
function contained(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
