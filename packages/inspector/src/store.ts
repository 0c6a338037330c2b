import { randomInt } from 'node:crypto';
import { Bounded } from './bounded.ts';
import type { Mirror } from './database.ts';
import type { UserEndpoint } from './endpoints.ts';
import { type Draft, type Kept, keep, weightOf } from './entry.ts';
import { People, type Where } from './people.ts';
import { applyCall } from './user-call.ts';

const MAX_EPOCH: number = 2 ** 48 - 1;

export type StoreChange =
  | { readonly type: 'entry'; readonly entry: Kept }
  | { readonly type: 'cleared'; readonly upTo: number };

/** What the page shows: requests in order of arrival, and the people that they made. */
export class Store {
  readonly people: People;
  readonly #entries: Bounded<Kept>;
  readonly #takesDuplicates: boolean;
  readonly #mirror: Mirror | undefined;
  readonly #listeners = new Set<(change: StoreChange) => void>();
  #lastSeq = 0;
  #total = 0;
  #epoch: number = randomInt(MAX_EPOCH);

  /** @param takesDuplicates whether they are events that are only marked, and count for their people */
  constructor(maxEvents: number, takesDuplicates: boolean, mirror?: Mirror) {
    this.#takesDuplicates = takesDuplicates;
    this.#entries = new Bounded(maxEvents);
    this.#mirror = mirror;
    this.people = new People(maxEvents, (key, profile) => mirror?.savePerson(key, profile));
    if (!mirror) return;
    const { people, entries, lastSeq, total, epoch } = mirror.read(maxEvents);
    for (const profile of people) this.people.restore(profile);
    for (const { seq, draft } of entries) this.#entries.push(keep(seq, draft), weightOf(draft));
    this.#lastSeq = lastSeq;
    this.#total = total;
    this.#epoch = epoch ?? this.#epoch;
  }

  /** Another one after each `clear` and for each run that does not go on with another's numbers. */
  get epoch(): string {
    return this.#epoch.toString(36);
  }

  /** Entries since the start or the last `clear`, forgotten ones included. */
  get total(): number {
    return this.#total;
  }

  add(draft: Draft): Kept {
    this.#lastSeq += 1;
    this.#total += 1;
    const entry = keep(this.#lastSeq, draft);
    const forgotten = this.#entries.push(entry, weightOf(draft));
    this.#mirror?.saveEntry(entry.seq, draft, this.#total);
    if (forgotten > 0) this.#mirror?.forgetBefore(this.#entries.at(0)?.seq ?? 0);
    this.#applyToPeople(entry);
    this.#tell({ type: 'entry', entry });
    return entry;
  }

  get(seq: number): Kept | undefined {
    const entry = this.#entries.at(this.#entries.search((each) => each.seq >= seq));
    return entry?.seq === seq ? entry : undefined;
  }

  /** The oldest entries after `seq`. */
  after(seq: number, limit: number): Kept[] {
    const found: Kept[] = [];
    const start = this.#entries.search((each) => each.seq > seq);
    for (let index = start; index < this.#entries.size && found.length < limit; index += 1) {
      const entry = this.#entries.at(index);
      if (entry) found.push(entry);
    }
    return found;
  }

  entries(): Iterable<Kept> {
    return this.#entries;
  }

  clear(): void {
    this.#entries.clear();
    this.people.clear();
    this.#total = 0;
    this.#epoch = randomInt(MAX_EPOCH);
    this.#mirror?.clear(this.#lastSeq);
    this.#tell({ type: 'cleared', upTo: this.#lastSeq });
  }

  /** @returns how to stop listening */
  listen(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#mirror?.close(this.#epoch);
  }

  #tell(change: StoreChange): void {
    for (const listener of [...this.#listeners]) listener(change);
  }

  #applyToPeople({ seq, draft, endpoint, summary: { at, kind, developmentMode } }: Kept): void {
    const { body = {} } = draft;
    const where: Where = { at, seq, developmentMode };
    if (kind === 'event' || (kind === 'duplicate' && this.#takesDuplicates)) {
      const identity = body.identity as Readonly<Record<string, unknown>>;
      this.people.identify(identity.id as string, identity, where, 1);
    } else if (kind === 'user') {
      applyCall(this.people, endpoint as UserEndpoint, body, where);
    }
  }
}
