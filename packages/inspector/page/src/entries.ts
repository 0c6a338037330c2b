import type { EntrySummary } from '../../src/page-contract.ts';
import { type Filter, keyOf, matcher } from './filter.ts';

/** How many of the entries, sorted by `seq`, have one of at most this: the index of the first after it. */
export function after(entries: readonly EntrySummary[], seq: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The entries that pass a filter. What is new is looked at once, however often it is asked. */
export class FilteredEntries {
  #passed: EntrySummary[] = [];
  #key = '';
  #lookedThrough = 0;

  /** @param now in milliseconds since 1970, for filters such as "the last five minutes" */
  of(entries: readonly EntrySummary[], filter: Filter, now: number): readonly EntrySummary[] {
    const key = keyOf(filter, now);
    const last = entries.at(-1)?.seq ?? 0;
    if (key !== this.#key || last < this.#lookedThrough) {
      this.#key = key;
      this.#lookedThrough = 0;
      this.#passed = [];
    }
    const passes = matcher(filter, now);
    for (let index = after(entries, this.#lookedThrough); index < entries.length; index += 1) {
      const entry = entries[index];
      if (entry && passes(entry)) this.#passed.push(entry);
    }
    this.#lookedThrough = last;
    const gone = after(this.#passed, (entries[0]?.seq ?? Number.POSITIVE_INFINITY) - 1);
    if (gone > 0) this.#passed.splice(0, gone);
    return this.#passed;
  }
}

export interface KnownName {
  /** The same for names that are one. */
  readonly key: string;
  readonly name: string;
  readonly count: number;
}

/** Names by how often they occur. */
export class NameCounts {
  readonly #counts = new Map<string, { readonly name: string; count: number }>();

  add(key: string, name: string, by: number): void {
    const known = this.#counts.get(key) ?? { name, count: 0 };
    known.count += by;
    if (known.count > 0) this.#counts.set(key, known);
    else this.#counts.delete(key);
  }

  /** The most frequent first. */
  list(max: number): readonly KnownName[] {
    return [...this.#counts]
      .map(([key, { name, count }]) => ({ key, name, count }))
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
      .slice(0, max);
  }
}
