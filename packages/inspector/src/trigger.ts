import { happenedAtOf, type Kept } from './entry.ts';
import type { TriggeredPerson, TriggerRequest, TriggerResult } from './page-contract.ts';
import type { People } from './people.ts';
import type { Profile } from './profile.ts';
import { foldName } from './values.ts';

const DAY_MS = 86_400_000;

interface Times {
  did: number | undefined;
  /** All times of the other, in order of arrival. */
  readonly other: number[];
}

/**
 * "Did A, did not do B within N days": whom it would reach. What counts is the last time that someone did A.
 * Who was deleted is reached by nothing.
 */
export function triggerOf(
  entries: Iterable<Kept>,
  people: People,
  { did, didNot, withinDays, developmentMode }: TriggerRequest,
  now: number,
): TriggerResult {
  const names = { did: foldName(did), didNot: foldName(didNot) };
  const found = new Map<Profile, Times>();
  for (const { summary, draft } of entries) {
    const { kind, foldedName, userId, at } = summary;
    if (kind !== 'event' || summary.developmentMode !== developmentMode || userId === null) continue;
    if (foldedName !== names.did && foldedName !== names.didNot) continue;
    const profile = people.get(userId, developmentMode);
    if (!profile) continue;
    const times = found.get(profile) ?? { did: undefined, other: [] };
    // To the millisecond: what follows in the same second is no less after it.
    const time = happenedAtOf(draft.body ?? {}) ?? at;
    if (foldedName === names.didNot) times.other.push(time);
    else times.did = Math.max(times.did ?? time, time);
    found.set(profile, times);
  }

  const reached: TriggeredPerson[] = [];
  const waiting: TriggeredPerson[] = [];
  let converted = 0;
  for (const [profile, times] of found) {
    const { did: didAt, other } = times;
    if (didAt === undefined) continue;
    const deadline = didAt + withinDays * DAY_MS;
    if (other.some((time) => time >= didAt && time <= deadline)) converted += 1;
    else (deadline <= now ? reached : waiting).push(personOf(profile, didAt));
  }
  const lastFirst = (a: TriggeredPerson, b: TriggeredPerson) => b.didAt - a.didAt;
  return { reached: reached.sort(lastFirst), waiting: waiting.sort(lastFirst), converted };
}

function personOf({ id, email, isSubscribed }: Profile, didAt: number): TriggeredPerson {
  return { id, email, isSubscribed, didAt };
}
