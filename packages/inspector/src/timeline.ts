import type { EntrySummary } from './page-contract.ts';
import type { Profile } from './profile.ts';
import type { Store } from './store.ts';

const MAX_ENTRIES = 200;

/** What came about a person, under any of their ids, newest first. */
export function timelineOf(store: Store, profile: Profile): readonly EntrySummary[] {
  const ids = new Set([profile.id, ...profile.formerIds]);
  const found: EntrySummary[] = [];
  for (const { summary, draft, endpoint } of store.entries()) {
    if (summary.developmentMode !== profile.developmentMode) continue;
    // Unsubscribing may name the address only.
    const isByEmail = summary.userId === null && endpoint !== undefined && summary.email !== null;
    const isTheirs =
      summary.userId === null ? isByEmail && summary.email === profile.email : ids.has(summary.userId);
    const isRenaming = endpoint === 'users/reidentify' && draft.body?.new_id === profile.id;
    if (isTheirs || isRenaming) found.push(summary);
  }
  return found.slice(-MAX_ENTRIES).reverse();
}
