import { randomUUID } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isGone } from './owners.ts';
import { attempt, readSpill, type SpillContent, SpillFile } from './spill-file.ts';

/** Whoever lives touches its files more often. */
const ABANDONED_MS = 5 * 60_000;
/** Stands for an owner that closed its queue. No name of a host is like it. */
const NOBODY = '%left';
const INFIX = '-spill-';

/** A file that was another's, and is ours now. */
export interface Adopted extends SpillContent {
  readonly file: SpillFile;
}

/** Where the files beside a queue's file are. Each says in its name whose it is. */
export class SpillFolder {
  readonly #queuePath: string;
  readonly #owner: string;
  readonly #isFull: boolean;
  #made = 0;

  constructor(queuePath: string, owner: string, isFull: boolean) {
    this.#queuePath = queuePath;
    this.#owner = owner;
    this.#isFull = isFull;
  }

  /** @throws what the file system throws */
  newFile(): SpillFile {
    return new SpillFile(this.#newPath(), this.#isFull, 0);
  }

  /** Leaves a file to whoever looks next. */
  leave(file: SpillFile): void {
    file.close();
    attempt(() => renameSync(file.path, this.#path(`${NOBODY}+${randomUUID()}`)));
  }

  /** Takes what processes left that are gone. One that can't be read is told, and left where it is. */
  adopt(tell: (problem: string) => void): Adopted[] {
    return this.#abandoned().flatMap((path) => {
      const ours = this.#newPath();
      // Of several that try, one succeeds.
      if (!attempt(() => renameSync(path, ours))) return [];
      try {
        const text = readFileSync(ours, 'utf8');
        const content = readSpill(text);
        if (content.unreadable > 0) tell(keepUnreadable(ours, path, content.unreadable));
        return [{ ...content, file: new SpillFile(ours, this.#isFull, Buffer.byteLength(text)) }];
      } catch (thrown) {
        attempt(() => renameSync(ours, path));
        tell(`What a process left in ${path} can't be read: ${(thrown as Error).message}`);
        return [];
      }
    });
  }

  #abandoned(): string[] {
    const start = `${basename(this.#queuePath)}${INFIX}`;
    return readdirSync(dirname(this.#queuePath))
      .filter((name) => name.startsWith(start))
      .map((name) => name.slice(start.length))
      .filter((owner) => owner.startsWith(`${NOBODY}+`) || isGone(owner) || this.#isOld(owner))
      .map((owner) => this.#path(owner));
  }

  #isOld(owner: string): boolean {
    if (owner.startsWith(`${this.#owner}+`)) return false;
    const { mtimeMs = Date.now() } = statSync(this.#path(owner), { throwIfNoEntry: false }) ?? {};
    return Date.now() - mtimeMs > ABANDONED_MS;
  }

  #newPath(): string {
    return this.#path(`${this.#owner}+${this.#made++}`);
  }

  #path(owner: string): string {
    return join(dirname(this.#queuePath), `${basename(this.#queuePath)}${INFIX}${owner}`);
  }
}

function keepUnreadable(ours: string, path: string, lines: number): string {
  // The last one: the queue's own name, or its folder's, may have it, too.
  const at = path.lastIndexOf(INFIX);
  const copy = `${path.slice(0, at)}-unreadable-${path.slice(at + INFIX.length)}`;
  const isKept = attempt(() => copyFileSync(ours, copy));
  const where = isKept ? `; they are kept in ${copy}` : '';
  return `Of what a process left beside the file, ${lines} lines can't be read${where}`;
}
