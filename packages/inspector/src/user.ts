import type { Profile } from './profile.ts';

/** A person as Vero would have them now: a copy. */
export interface ReceivedUser {
  /** Their id: the latest, where they had others. */
  readonly id: string;
  /** Their address; `undefined` while none was sent. */
  readonly email: string | undefined;
  /** Merged from every identity; what templates see as `user`. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Their tags. */
  readonly tags: readonly string[];
  /** Whether they may be written to: `false` after they were unsubscribed. */
  readonly isSubscribed: boolean;
  /** Earlier ids of the same person. */
  readonly formerIds: readonly string[];
  /** Events in development mode make people of their own. */
  readonly developmentMode: boolean;
  /** How many events were received of them. */
  readonly events: number;
  /** When something of them last arrived. */
  readonly lastSeenAt: Date;
}

export function toUser(profile: Profile): ReceivedUser {
  const { id, email, isSubscribed, developmentMode, events, lastSeenAt } = profile;
  return Object.freeze({
    id,
    email: email ?? undefined,
    attributes: Object.freeze(Object.fromEntries(profile.values())),
    tags: Object.freeze([...profile.tags]),
    isSubscribed,
    formerIds: Object.freeze([...profile.formerIds]),
    developmentMode,
    events,
    lastSeenAt: new Date(lastSeenAt),
  });
}
