import type { EntrySummary } from '../../src/page-contract.ts';
import type { Tone } from './controls.tsx';
import { span } from './format.ts';

export interface EntryBadge {
  readonly text: string;
  readonly tone: Tone;
  readonly title: string;
}

/** What is out of the ordinary about an entry. */
export function badgesOf(entry: EntrySummary): readonly EntryBadge[] {
  const { kind, status, fault, attempt, developmentMode, happenedAt, at } = entry;
  const badges: EntryBadge[] = [];
  const add = (text: string, tone: Tone, title: string) => badges.push({ text, tone, title });
  if (fault !== null) add(`fault ${fault}`, 'fault', 'It met a fault that you ordered');
  if (kind === 'refused') add(status === null ? 'refused' : `refused ${status}`, 'bad', 'It was refused');
  if (kind === 'duplicate') add('duplicate', 'warn', 'Vero would drop it: the same came just before');
  if (attempt > 1 && kind !== 'duplicate')
    add(`retry #${attempt - 1}`, 'warn', 'This very payload came before');
  if (kind === 'user') add('user', 'accent', 'It changes a user, and is no event');
  if (developmentMode) add('development', 'plain', 'Sent in development mode');
  if (happenedAt !== null && happenedAt < at)
    add(`late ${span(at - happenedAt)}`, 'plain', 'It happened so long before it was delivered');
  if (happenedAt !== null && happenedAt > at)
    add(`ahead ${span(happenedAt - at)}`, 'warn', 'It says that it happens in the future');
  return badges;
}
