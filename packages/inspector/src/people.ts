import type { PersonSummary } from './page-contract.ts';
import { foldedIncludes, Profile } from './profile.ts';

/** When something about a person was received, by which entry, and on which side. */
export interface Where {
  readonly at: number;
  readonly seq: number;
  readonly developmentMode: boolean;
}

/** Told of each profile that changed, and of each that is gone. */
export type OnChange = (key: string, profile: Profile | undefined) => void;

/** About how much memory all profiles may take. */
const MAX_WEIGHT: number = 64 * 1024 * 1024;

/** The profiles that Vero would have, the ones seen last at the end. Development mode has its own. */
export class People {
  readonly #limit: number;
  readonly #onChange: OnChange;
  readonly #profiles = new Map<string, Profile>();
  /** From the key of a former id to the one of today. */
  readonly #aliases = new Map<string, string>();
  #weight = 0;

  constructor(limit: number, onChange: OnChange = () => {}) {
    this.#limit = limit;
    this.#onChange = onChange;
  }

  /** What the id is called today: someone's former id leads to the same profile. */
  get(id: string, developmentMode: boolean): Profile | undefined {
    const key = keyOf(id, developmentMode);
    return this.#profiles.get(key) ?? this.#profiles.get(this.#aliases.get(key) ?? '');
  }

  /** The ones seen last first. */
  all(): Profile[] {
    return [...this.#profiles.values()].reverse();
  }

  /** @param text found in id, e-mail address or attributes, whatever the case */
  find(text: string, limit: number): { readonly total: number; readonly people: readonly PersonSummary[] } {
    const found = text === '' ? this.all() : this.all().filter((each) => foldedIncludes(each.haystack, text));
    found.sort((a, b) => b.lastSeenAt - a.lastSeenAt);
    return { total: found.length, people: found.slice(0, limit).map((each) => each.summary()) };
  }

  withEmail(email: string, developmentMode: boolean): readonly string[] {
    return this.all()
      .filter((each) => each.developmentMode === developmentMode && each.email === email)
      .map(({ id }) => id);
  }

  identify(id: string, attributes: Readonly<Record<string, unknown>>, where: Where, events = 0): void {
    this.#change(id, where, (profile) => {
      profile.set(attributes, where);
      profile.events += events;
    });
  }

  tag(id: string, add: readonly string[], remove: readonly string[], where: Where): void {
    this.#change(id, where, (profile) => profile.tag(add, remove));
  }

  subscribe(id: string, isSubscribed: boolean, where: Where): void {
    this.#change(id, where, (profile) => {
      profile.isSubscribed = isSubscribed;
    });
  }

  /** The person goes on under the new id. If that one is known already, the two become one, and what it says goes first. */
  reidentify(id: string, newId: string, where: Where): void {
    const old = this.get(id, where.developmentMode);
    if (!old || old.id === newId)
      return this.#change(old ? newId : id, where, (profile) => this.#rename(profile, newId));
    const known = this.#profiles.get(keyOf(newId, where.developmentMode));
    if (!known) return this.#change(id, where, (profile) => this.#rename(profile, newId));
    this.#remove(old);
    this.#change(newId, where, (profile) => profile.absorb(old));
  }

  delete(id: string, developmentMode: boolean): void {
    const profile = this.get(id, developmentMode);
    if (profile) this.#remove(profile);
  }

  /** Takes one as it was kept. */
  restore(profile: Profile): void {
    this.#put(profile);
  }

  clear(): void {
    this.#profiles.clear();
    this.#aliases.clear();
    this.#weight = 0;
  }

  #rename(profile: Profile, newId: string): void {
    if (profile.id !== newId) profile.rename(newId);
  }

  /** Makes the profile if there is none, and puts it last. */
  #change(id: string, { at, developmentMode }: Where, change: (profile: Profile) => void): void {
    const before = this.get(id, developmentMode);
    const profile = before ?? new Profile(id, developmentMode);
    const oldKey = keyOf(profile.id, developmentMode);
    if (before) this.#take(before);
    change(profile);
    profile.lastSeenAt = Math.max(profile.lastSeenAt, at);
    if (before && oldKey !== keyOf(profile.id, developmentMode)) this.#onChange(oldKey, undefined);
    this.#put(profile);
    this.#onChange(keyOf(profile.id, developmentMode), profile);
    while (this.#profiles.size > this.#limit || (this.#weight > MAX_WEIGHT && this.#profiles.size > 1)) {
      const [oldest] = this.#profiles.values();
      if (oldest) this.#remove(oldest);
    }
  }

  #put(profile: Profile): void {
    const key = keyOf(profile.id, profile.developmentMode);
    // An id that is somebody's own is no longer another one's former.
    const other = this.#profiles.get(this.#aliases.get(key) ?? '');
    if (other) other.formerIds = other.formerIds.filter((id) => id !== profile.id);
    this.#aliases.delete(key);
    for (const id of profile.formerIds) this.#aliases.set(keyOf(id, profile.developmentMode), key);
    this.#profiles.set(key, profile);
    this.#weight += profile.weight;
  }

  /** Also what leads to it. */
  #take(profile: Profile): void {
    this.#profiles.delete(keyOf(profile.id, profile.developmentMode));
    for (const id of profile.formerIds) this.#aliases.delete(keyOf(id, profile.developmentMode));
    this.#weight -= profile.weight;
  }

  #remove(profile: Profile): void {
    this.#take(profile);
    this.#onChange(keyOf(profile.id, profile.developmentMode), undefined);
  }
}

export function keyOf(id: string, developmentMode: boolean): string {
  return `${developmentMode ? 'development' : 'production'} ${id}`;
}
