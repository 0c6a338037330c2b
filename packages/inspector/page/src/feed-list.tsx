import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { EntrySummary } from '../../src/page-contract.ts';
import { EntryLine } from './entry-line.tsx';
import { isNarrow } from './screen.ts';

const ROW_PX = 38;
const NARROW_ROW_PX = 62;
/** Rows that are there above and below what is seen. */
const SPARE_ROWS = 8;

/** The newest first. Only the rows in sight are in the document. */
export function FeedList(props: {
  /** Oldest first. */
  readonly entries: readonly EntrySummary[];
  /** The row that the keys are on. */
  readonly activeSeq: number | null;
  /** The row whose detail is open. */
  readonly openSeq: number | null;
  readonly hrefOf: (seq: number) => string;
  readonly onOpen: (seq: number) => void;
  /** Told when one scrolls away from the newest, and back. */
  readonly onAway: (isAway: boolean) => void;
}): JSX.Element {
  const { entries, activeSeq, openSeq } = props;
  const ref = useRef<HTMLDivElement>(null);
  const scrollTop = useSignal(0);
  const height = useSignal(0);
  const rowPx = isNarrow.value ? NARROW_ROW_PX : ROW_PX;
  const total = entries.length;

  useEffect(() => {
    const list = ref.current;
    if (!list) return;
    const observer = new ResizeObserver(() => (height.value = list.clientHeight));
    observer.observe(list);
    return () => observer.disconnect();
  }, [height]);

  // Only a move of the keys brings a row into sight.
  useLayoutEffect(() => {
    const list = ref.current;
    const index = entries.findLastIndex(({ seq }) => seq === activeSeq);
    if (!list || index < 0) return;
    const top = (total - 1 - index) * rowPx;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + rowPx > list.scrollTop + list.clientHeight)
      list.scrollTop = top + rowPx - list.clientHeight;
  }, [activeSeq]);

  const first = Math.max(0, Math.floor(scrollTop.value / rowPx) - SPARE_ROWS);
  const end = Math.min(total, Math.ceil((scrollTop.value + height.value) / rowPx) + SPARE_ROWS);
  const rows: JSX.Element[] = [];
  for (let row = first; row < end; row += 1) {
    const entry = entries[total - 1 - row];
    if (!entry) continue;
    const { seq } = entry;
    rows.push(
      <li key={seq} class="row-place" style={{ top: `${row * rowPx}px` }}>
        <a
          class={`row is-${entry.kind}${seq === activeSeq ? ' is-active' : ''}`}
          href={props.hrefOf(seq)}
          data-seq={seq}
          tabIndex={seq === activeSeq || (activeSeq === null && row === 0) ? 0 : -1}
          aria-current={seq === openSeq ? 'true' : undefined}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            props.onOpen(seq);
          }}
        >
          <EntryLine entry={entry} />
        </a>
      </li>,
    );
  }
  return (
    <div
      ref={ref}
      class="feed-scroll"
      onScroll={({ currentTarget }) => {
        scrollTop.value = currentTarget.scrollTop;
        props.onAway(currentTarget.scrollTop > rowPx / 2);
      }}
    >
      <ol class="feed-rows" aria-label="Events, newest first" style={{ height: `${total * rowPx}px` }}>
        {rows}
      </ol>
    </div>
  );
}
