import { closeSync, fsyncSync, ftruncateSync, futimesSync, openSync, unlinkSync, writeSync } from 'node:fs';
import type { QueueRecord } from '@verotrack/core/queue';
import { isRecord } from './rows.ts';

/** A line of the file: a record that waits, or the id of one that waits no more. */
type Line = { readonly put: QueueRecord } | { readonly end: string };

/** What is in a file that another process left. */
export interface SpillContent {
  readonly records: readonly QueueRecord[];
  /** Of records that are in the queue, and are to be forgotten. */
  readonly ended: readonly string[];
  readonly unreadable: number;
}

/** Records beside the queue's file, in a file that only this process writes. It is gone when none of them waits. */
export class SpillFile {
  path: string;
  readonly #file: number;
  readonly #isFull: boolean;
  /** Ids for which it stands. */
  readonly #held = new Set<string>();
  #bytes: number;

  /**
   * @param isFull - whether to wait for the disk, as with `synchronous: 'full'`
   * @throws what the file system throws
   */
  constructor(path: string, isFull: boolean, bytes: number) {
    this.path = path;
    this.#isFull = isFull;
    this.#bytes = bytes;
    this.#file = openSync(path, 'a', 0o600);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** It has these lines already. */
  hold(ids: Iterable<string>): void {
    for (const id of ids) this.#held.add(id);
  }

  /** Says whether they are on the disk. */
  put(records: readonly QueueRecord[]): boolean {
    if (!this.#append(records.map((put) => ({ put })))) return false;
    this.hold(records.map(({ id }) => id));
    return true;
  }

  /** Says whether it is on the disk that records of the queue are to be forgotten. */
  putEnds(ids: readonly string[]): boolean {
    if (!this.#append(ids.map((end) => ({ end })))) return false;
    this.hold(ids);
    return true;
  }

  /** These wait no more. Says whether the file is gone with them. */
  end(ids: readonly string[]): boolean {
    for (const id of ids) this.#held.delete(id);
    if (this.#held.size === 0) return this.#remove();
    if (ids.length > 0) this.#append(ids.map((end) => ({ end })));
    return false;
  }

  /** Shows others that somebody lives who sees to it. */
  touch(): void {
    const now = new Date();
    attempt(() => futimesSync(this.#file, now, now));
  }

  close(): void {
    closeSync(this.#file);
  }

  #append(lines: readonly Line[]): boolean {
    const bytes = Buffer.from(lines.map((line) => `\n${JSON.stringify(line)}`).join(''));
    const isWritten = attempt(() => {
      if (writeSync(this.#file, bytes) < bytes.length) throw new Error('the disk is full');
      if (this.#isFull) fsyncSync(this.#file);
    });
    if (isWritten) this.#bytes += bytes.length;
    // What is there in part must not come back one day.
    else attempt(() => ftruncateSync(this.#file, this.#bytes));
    return isWritten;
  }

  #remove(): boolean {
    // Empty it does no harm where it can't be removed.
    attempt(() => ftruncateSync(this.#file, 0));
    this.close();
    attempt(() => unlinkSync(this.path));
    return true;
  }
}

export function readSpill(text: string): SpillContent {
  const records = new Map<string, QueueRecord>();
  const ended = new Set<string>();
  let unreadable = 0;
  for (const each of text.split('\n')) {
    if (each === '') continue;
    const line = parse(each);
    if (line === undefined) unreadable++;
    else if ('put' in line) records.set(line.put.id, line.put);
    else if (!records.delete(line.end)) ended.add(line.end);
  }
  return { records: [...records.values()], ended: [...ended], unreadable };
}

function parse(text: string): Line | undefined {
  try {
    const line = JSON.parse(text) as Partial<{ put: unknown; end: unknown }>;
    if (typeof line.end === 'string') return { end: line.end };
    return isRecord(line.put) ? { put: line.put } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it worked: the disk may be full, or another process have the file. */
export function attempt(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
