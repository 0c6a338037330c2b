import type { PersonSummary } from './page-contract.ts';
import type { Where } from './people.ts';
import { beginning } from './values.ts';

export interface Attribute {
  readonly value: unknown;
  readonly at: number;
  readonly seq: number;
  /** About how many bytes it takes. */
  readonly weight: number;
}

/** As it is kept in a file. */
export interface KeptProfile {
  readonly id: string;
  readonly developmentMode: boolean;
  readonly events: number;
  readonly lastSeenAt: number;
  readonly isSubscribed: boolean;
  readonly tags: readonly string[];
  readonly formerIds: readonly string[];
  readonly attributes: readonly (readonly [name: string, attribute: Attribute])[];
}

/** The oldest leave when there are more. */
const MAX_ATTRIBUTES = 1_000;
const MAX_ATTRIBUTE_BYTES: number = 2 * 1024 * 1024;
const MAX_TAGS = 1_000;
const MAX_FORMER_IDS = 100;
const MAX_HAYSTACK_CHARACTERS = 8_192;

/** One person, as merged from everything that was said of them. */
export class Profile {
  id: string;
  readonly developmentMode: boolean;
  events = 0;
  lastSeenAt = 0;
  isSubscribed = true;
  readonly tags: Set<string> = new Set();
  formerIds: string[] = [];
  /** The ones set last at the end. */
  readonly attributes: Map<string, Attribute> = new Map();
  #attributeBytes = 0;
  #haystack: string | undefined;

  constructor(id: string, developmentMode: boolean) {
    this.id = id;
    this.developmentMode = developmentMode;
  }

  static from(kept: KeptProfile): Profile {
    const profile = new Profile(kept.id, kept.developmentMode);
    profile.events = kept.events;
    profile.lastSeenAt = kept.lastSeenAt;
    profile.isSubscribed = kept.isSubscribed;
    profile.tag(kept.tags, []);
    profile.formerIds = [...kept.formerIds];
    for (const [name, attribute] of kept.attributes) profile.#put(name, attribute);
    return profile;
  }

  get email(): string | null {
    const email = this.attributes.get('email')?.value;
    return typeof email === 'string' ? email : null;
  }

  /** About how much memory it takes. */
  get weight(): number {
    return 1_024 + this.#attributeBytes + 300 * (this.tags.size + this.formerIds.length);
  }

  /** What a search looks into, in lower case. */
  get haystack(): string {
    const text = () => `${this.id} ${JSON.stringify(Object.fromEntries(this.values()))}`;
    this.#haystack ??= beginning(text(), MAX_HAYSTACK_CHARACTERS).toLowerCase();
    return this.#haystack;
  }

  set(attributes: Readonly<Record<string, unknown>>, { at, seq }: Where): void {
    this.#haystack = undefined;
    for (const [name, value] of Object.entries(attributes)) {
      const weight = 128 + name.length + (JSON.stringify(value)?.length ?? 0);
      this.#put(name, { value, at, seq, weight });
    }
    for (const name of this.attributes.keys()) {
      if (this.attributes.size <= MAX_ATTRIBUTES && this.#attributeBytes <= MAX_ATTRIBUTE_BYTES) return;
      if (name !== 'id' && name !== 'email') this.#drop(name);
    }
  }

  tag(add: readonly string[], remove: readonly string[]): void {
    for (const tag of remove) this.tags.delete(tag);
    for (const tag of add) if (this.tags.size < MAX_TAGS) this.tags.add(tag);
  }

  rename(newId: string): void {
    this.#haystack = undefined;
    this.formerIds = [...this.formerIds.filter((id) => id !== newId), this.id].slice(-MAX_FORMER_IDS);
    this.id = newId;
    const id = this.attributes.get('id');
    if (id) this.#put('id', { ...id, value: newId });
  }

  /** Becomes one with another person, who is earlier. */
  absorb(other: Profile): void {
    this.#haystack = undefined;
    for (const [name, attribute] of other.attributes) {
      const isFull = this.#attributeBytes + attribute.weight > MAX_ATTRIBUTE_BYTES;
      if (!isFull && !this.attributes.has(name)) this.#put(name, attribute);
    }
    this.tag([...other.tags], []);
    const former = new Set([...this.formerIds, ...other.formerIds, other.id]);
    former.delete(this.id);
    this.formerIds = [...former].slice(-MAX_FORMER_IDS);
    this.events += other.events;
    this.isSubscribed &&= other.isSubscribed;
  }

  values(): (readonly [string, unknown])[] {
    return [...this.attributes].map(([name, { value }]) => [name, value] as const);
  }

  summary(): PersonSummary {
    const { id, email, developmentMode, events, lastSeenAt, isSubscribed, tags } = this;
    return { id, email, developmentMode, events, lastSeenAt, isSubscribed, tags: [...tags] };
  }

  toJSON(): KeptProfile {
    const { id, developmentMode, events, lastSeenAt, isSubscribed, formerIds } = this;
    const attributes = [...this.attributes];
    return {
      id,
      developmentMode,
      events,
      lastSeenAt,
      isSubscribed,
      formerIds,
      attributes,
      tags: [...this.tags],
    };
  }

  #put(name: string, attribute: Attribute): void {
    this.#drop(name);
    this.attributes.set(name, attribute);
    this.#attributeBytes += attribute.weight;
  }

  #drop(name: string): void {
    this.#attributeBytes -= this.attributes.get(name)?.weight ?? 0;
    this.attributes.delete(name);
  }
}

export function foldedIncludes(haystack: string, text: string): boolean {
  return haystack.includes(text.toLowerCase());
}
