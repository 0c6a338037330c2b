import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { EntrySummary } from '../../src/page-contract.ts';
import { after, FilteredEntries } from './entries.ts';
import { EntryDetail } from './entry-detail.tsx';
import { changes, entries, isLoaded, lastSeq } from './feed.ts';
import { FeedList } from './feed-list.tsx';
import { filterOf, isFiltering } from './filter.ts';
import { clearFilters, FilterBar, FilterChips } from './filter-bar.tsx';
import { FirstSteps } from './first-steps.tsx';
import { count } from './format.ts';
import { Icon } from './icons.tsx';
import { isTyping } from './keyboard.ts';
import { changeParams, hrefTo, route } from './route.ts';
import { isNarrow } from './screen.ts';

/** How often a filter such as "the last five minutes" is applied again when nothing comes. */
const REFILTER_MS = 5_000;

export function FeedView(): JSX.Element {
  const { params } = route.value;
  const filtered = useMemo(() => new FilteredEntries(), []);
  const now = useSignal(Date.now());
  const isPaused = useSignal(false);
  const active = useSignal<number | null>(null);
  /** While one reads further down, or paused: what came later waits. */
  const heldAt = useSignal<number | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const openSeq = Number(params.get('seq')) || null;
  // Not rendered anew with each frame.
  const filterBar = useMemo(() => <FilterBar />, []);
  // Reading it is what makes the view follow the feed.
  void changes.value;

  useEffect(() => {
    const timer = setInterval(() => (now.value = Date.now()), REFILTER_MS);
    return () => clearInterval(timer);
  }, [now]);

  const passed = filtered.of(entries, filterOf(params), Math.max(now.value, entries.at(-1)?.at ?? 0));
  // What was held may have been forgotten meanwhile, cleared or too old.
  const isHeld = heldAt.value !== null && heldAt.value >= (entries[0]?.seq ?? Number.POSITIVE_INFINITY);
  const shown = isHeld ? passed.slice(0, after(passed, heldAt.value ?? 0)) : passed;
  const newer = passed.length - shown.length;

  useEffect(() => {
    if (isHeld) return;
    heldAt.value = null;
    isPaused.value = false;
  }, [isHeld, heldAt, isPaused]);

  const open = (seq: number | null): void => {
    active.value = seq ?? openSeq;
    changeParams({ seq: seq ?? undefined }, openSeq === null ? 'push' : 'replace');
    if (seq === null) focusRow(place.current, openSeq);
  };
  const toNewest = (): void => {
    isPaused.value = false;
    heldAt.value = null;
    active.value = null;
    place.current?.querySelector('.feed-scroll')?.scrollTo({ top: 0 });
  };
  const togglePause = (): void => {
    if (isPaused.value) return toNewest();
    isPaused.value = true;
    heldAt.value ??= lastSeq();
  };
  const move = (by: 1 | -1): void => {
    const index = shown.findLastIndex(({ seq }) => seq === active.value);
    // Downwards is towards older ones.
    const next = active.value === null || index < 0 ? shown.at(-1) : shown[index - by];
    if (!next) return;
    active.value = next.seq;
    if (openSeq !== null) changeParams({ seq: next.seq });
    else requestAnimationFrame(() => focusRow(place.current, next.seq));
  };
  useKeys({
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    Enter: () => active.value !== null && open(active.value),
    Escape: () => openSeq !== null && open(null),
    p: togglePause,
  });

  if (isLoaded.value && entries.length === 0) return <FirstSteps />;
  return (
    <div class={`feed${openSeq === null ? '' : ' has-detail'}`}>
      <section class="feed-main" aria-label="Received" ref={place} inert={isNarrow.value && openSeq !== null}>
        {filterBar}
        <div class="feed-status">
          <FilterChips />
          <span class="feed-count">{countOf(passed, isFiltering(params))}</span>
          <button type="button" class="button is-small" aria-pressed={isPaused.value} onClick={togglePause}>
            <Icon name={isPaused.value ? 'play' : 'pause'} />
            <span>{isPaused.value ? 'Resume' : 'Pause'}</span>
          </button>
        </div>
        <div class="feed-frame">
          {newer > 0 && (
            <button type="button" class="newer" onClick={toNewest}>
              <Icon name="up" />
              {count(newer)} new
            </button>
          )}
          {shown.length === 0 && isLoaded.value ? (
            <NothingPasses />
          ) : (
            <FeedList
              entries={shown}
              activeSeq={active.value}
              openSeq={openSeq}
              hrefOf={(seq) => hrefTo('feed', null, { ...Object.fromEntries(params), seq })}
              onOpen={open}
              onAway={(isAway) => {
                if (isAway) heldAt.value ??= lastSeq();
                else if (!isPaused.value) heldAt.value = null;
              }}
            />
          )}
        </div>
      </section>
      {openSeq !== null && <EntryDetail key={openSeq} seq={openSeq} onClose={() => open(null)} />}
    </div>
  );
}

function countOf(passed: readonly EntrySummary[], isFiltered: boolean): string {
  const total = count(entries.length);
  return isFiltered ? `${count(passed.length)} of ${total}` : `${total} received`;
}

function NothingPasses(): JSX.Element {
  return (
    <div class="empty">
      <h2>Nothing passes these filters</h2>
      <p>What comes and fits shows up here.</p>
      <button type="button" class="button" onClick={clearFilters}>
        Clear filters
      </button>
    </div>
  );
}

function focusRow(place: HTMLElement | null, seq: number | null): void {
  place?.querySelector<HTMLElement>(`[data-seq="${seq}"]`)?.focus({ preventScroll: true });
}

function useKeys(actions: Readonly<Record<string, () => unknown>>): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const action = latest.current[event.key];
      if (!action || isTyping(event)) return;
      // Buttons and links have their own Enter; rows do not, as the focus may be a frame behind the keys.
      const isOnControl =
        event.target instanceof Element && event.target.closest('a:not(.row), button') !== null;
      if (event.key === 'Enter' && isOnControl) return;
      // A long payload scrolls with the arrows.
      const isInDetail = event.target instanceof Element && event.target.closest('.detail') !== null;
      if (event.key.startsWith('Arrow') && isInDetail) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
