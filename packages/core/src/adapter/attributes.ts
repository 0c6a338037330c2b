import { InvalidEventError, VeroError } from '../errors.ts';
import type { EventFactory } from '../event-factory.ts';
import type { CheckedIdentity, SentIdentity } from '../identity.ts';
import { aFunction, checkOptions, milliseconds, positiveInteger } from '../options.ts';
import { within } from '../within.ts';

/** User attributes that cost a query. */
export interface AttributesOptions<C> {
  /** Loads them for a user. Asked only after success, once at a time for each id; what the identity says wins. */
  readonly load: (identity: SentIdentity, context: C) => object | Promise<object>;
  /** How long they are kept, in milliseconds. @default 60_000 */
  readonly ttlMs?: number | undefined;
  /** For how many users they are kept. @default 10_000 */
  readonly max?: number | undefined;
}

const LOAD_TIMEOUT_MS = 5_000;

interface Loaded {
  readonly attributes: Promise<CheckedIdentity>;
  /** Known when they are there. */
  until: number;
}

/** Adds loaded attributes to identities, with a small cache. */
export class AttributeLoader<C> {
  readonly #options: AttributesOptions<C>;
  readonly #events: EventFactory;
  readonly #cache = new Map<string, Loaded>();

  /** @throws {VeroError} `VERO_CONFIG` for a bad option */
  constructor(where: string, options: AttributesOptions<C>, events: EventFactory) {
    this.#options = checkOptions(`${where}: attributes`, options, {
      load: aFunction,
      ttlMs: milliseconds,
      max: positiveInteger,
    });
    if (this.#options.load === undefined)
      throw new VeroError('VERO_CONFIG', `${where}: attributes: option "load" is missing`);
    this.#events = events;
  }

  /**
   * An identity with what `load` gave for it, now or a while ago; what the identity says wins.
   *
   * @throws what `load` throws
   */
  async addTo(identity: CheckedIdentity, context: C): Promise<CheckedIdentity> {
    const loaded = await this.#load(identity, context);
    const merged = this.#events.checkAttributes({ ...loaded.identity, ...identity.identity });
    return { ...merged, omitted: [...identity.omitted, ...loaded.omitted], issues: identity.issues };
  }

  #load({ identity }: CheckedIdentity, context: C): Promise<CheckedIdentity> {
    const { ttlMs = 60_000, max = 10_000 } = this.#options;
    const cached = this.#cache.get(identity.id);
    // Deleted and set again, the entry is the youngest: the map's order is the order of use.
    this.#cache.delete(identity.id);
    if (cached && cached.until > Date.now()) {
      this.#cache.set(identity.id, cached);
      return cached.attributes;
    }
    const loaded: Loaded = { attributes: this.#ask(identity, context), until: Infinity };
    this.#cache.set(identity.id, loaded);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > max && oldest !== undefined) this.#cache.delete(oldest);
    loaded.attributes.then(
      () => {
        loaded.until = Date.now() + ttlMs;
      },
      () => {
        if (this.#cache.get(identity.id) === loaded) this.#cache.delete(identity.id);
      },
    );
    return loaded.attributes;
  }

  async #ask(identity: SentIdentity, context: C): Promise<CheckedIdentity> {
    const loaded = await within(LOAD_TIMEOUT_MS, async () =>
      this.#options.load(structuredClone(identity), context),
    );
    const checked = this.#events.checkAttributes({ ...loaded, id: identity.id });
    if (checked.issues.length > 0) throw new InvalidEventError(undefined, checked.issues);
    return checked;
  }
}
