import type { ReceivedEvent } from './event-log.ts';
import { digest, foldName } from './values.ts';

/** More are not remembered: the oldest are forgotten before their time. */
const MAX_REMEMBERED = 100_000;

/** Recognises a second event with the same credential, name, user and data, as Vero does; development mode is apart. */
export class DuplicateFilter {
  readonly #windowMs: number;
  /** When each event was first seen, oldest first. */
  readonly #seen = new Map<string, number>();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  isDuplicate(event: ReceivedEvent, credential: unknown): boolean {
    const now = Date.now();
    for (const [key, at] of this.#seen) {
      if (now - at < this.#windowMs && this.#seen.size < MAX_REMEMBERED) break;
      this.#seen.delete(key);
    }
    const { name, identity, data = {}, developmentMode } = event;
    const facts = JSON.stringify([credential, foldName(name), identity.id, data, developmentMode], sortKeys);
    const key = digest(facts);
    if (this.#seen.has(key)) return true;
    this.#seen.set(key, now);
    return false;
  }

  clear(): void {
    this.#seen.clear();
  }
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
