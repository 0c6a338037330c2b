import type { EntrySummary } from '../../src/page-contract.ts';

/** What is shown of the feed. Empty text filters nothing. */
export interface Filter {
  readonly event: string;
  readonly user: string;
  readonly source: string;
  readonly text: string;
  readonly mode: string;
  /** Received in the last so many minutes; `null` for any time. */
  readonly minutes: number | null;
  /** In milliseconds since 1970. */
  readonly from: number | null;
  readonly to: number | null;
}

/** A window that ends now moves on in steps of this. */
const STEP_MS = 5_000;

export const FILTER_NAMES = ['event', 'user', 'source', 'text', 'mode', 'minutes', 'from', 'to'] as const;

export function filterOf(params: URLSearchParams): Filter {
  const text = (name: string) => params.get(name) ?? '';
  return {
    event: text('event'),
    user: text('user'),
    source: text('source'),
    text: text('text'),
    mode: text('mode'),
    minutes: Number(params.get('minutes')) || null,
    from: timeOf(params.get('from')),
    to: timeOf(params.get('to')),
  };
}

export function isFiltering(params: URLSearchParams): boolean {
  return FILTER_NAMES.some((name) => params.get(name));
}

/** The same for filters that let the same entries pass at about that time. */
export function keyOf(filter: Filter, now: number): string {
  return JSON.stringify([filter, filter.minutes === null ? 0 : Math.floor(now / STEP_MS)]);
}

export function matcher(filter: Filter, now: number): (entry: EntrySummary) => boolean {
  const user = filter.user.toLowerCase();
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const from = filter.minutes === null ? (filter.from ?? 0) : now - filter.minutes * 60_000;
  const to = filter.to ?? Number.POSITIVE_INFINITY;
  return (entry) =>
    entry.at >= from &&
    entry.at <= to &&
    (filter.event === '' || entry.foldedName === filter.event || entry.name === filter.event) &&
    (filter.source === '' || entry.source === filter.source) &&
    (filter.mode === '' || entry.developmentMode === (filter.mode === 'development')) &&
    (user === '' || has(entry.userId, user) || has(entry.email, user)) &&
    words.every((word) => textsOf(entry).some((text) => has(text, word)));
}

function textsOf(entry: EntrySummary): readonly (string | null)[] {
  const { name, userId, email, source, preview, message, fault, kind, path } = entry;
  return [name, userId, email, source, preview, message, fault, kind, path];
}

function has(text: string | null, part: string): boolean {
  return text?.toLowerCase().includes(part) ?? false;
}

function timeOf(text: string | null): number | null {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? null : time;
}
