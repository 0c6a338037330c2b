import { type ReadonlySignal, signal } from '@preact/signals';
import type { EntrySummary, FaultState, InspectorState } from '../../src/page-contract.ts';
import { after, type KnownName, NameCounts } from './entries.ts';

/** The most that the page keeps. The server may keep more, or less. */
const MAX_ENTRIES = 10_000;
const RECONNECT_MS = 1_000;
/** Where nothing is painted, nothing waits for a frame. */
const HIDDEN_MS = 250;
/** However many names are sent, this many are offered, and so often. */
const MAX_NAMES = 200;
const NAMES_MS = 400;

/** By `seq`, oldest first. Changes in place: {@link changes} tells when. */
export const entries: EntrySummary[] = [];
const eventCounts = new NameCounts();
const sourceCounts = new NameCounts();

const changeCount = signal(0);
/** Grows when {@link entries} changed: at most once a frame. */
export const changes: ReadonlySignal<number> = changeCount;
const known = { events: signal<readonly KnownName[]>([]), sources: signal<readonly KnownName[]>([]) };
/** Of events, the most frequent first. */
export const eventNames: ReadonlySignal<readonly KnownName[]> = known.events;
export const sources: ReadonlySignal<readonly KnownName[]> = known.sources;
const connectionState = signal<'connecting' | 'live' | 'reconnecting'>('connecting');
export const connection: ReadonlySignal<'connecting' | 'live' | 'reconnecting'> = connectionState;
const activeFaults = signal<readonly FaultState[]>([]);
export const faults: ReadonlySignal<readonly FaultState[]> = activeFaults;
const inspectorState = signal<InspectorState | undefined>(undefined);
export const inspector: ReadonlySignal<InspectorState | undefined> = inspectorState;
/** Whether the first entries have come, so that an empty feed is an empty feed. */
const isFirstAnswerIn = signal(false);
export const isLoaded: ReadonlySignal<boolean> = isFirstAnswerIn;

/** Of the last event from the server, which tells it how far this page got. */
let lastId = '0';
let waiting: EntrySummary[] = [];
let isScheduled = false;
let areNamesScheduled = false;

export function lastSeq(): number {
  return entries.at(-1)?.seq ?? 0;
}

/** Follows the server's feed from now on. */
export function follow(): void {
  const source = new EventSource(`/_/api/feed?after=${encodeURIComponent(lastId)}`);
  source.onopen = () => {
    connectionState.value = 'live';
    void readState();
  };
  source.onerror = () => {
    connectionState.value = 'reconnecting';
    // Otherwise the browser itself comes back, with `Last-Event-ID`.
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, RECONNECT_MS);
  };
  on<readonly EntrySummary[]>(source, 'entries', (received) => {
    waiting.push(...received);
    if (waiting.length > MAX_ENTRIES) waiting = waiting.slice(-MAX_ENTRIES);
    schedule();
  });
  on<{ readonly upTo: number }>(source, 'cleared', ({ upTo }) => {
    forget(upTo);
    void readState();
  });
  on<readonly FaultState[]>(source, 'faults', (received) => {
    activeFaults.value = received;
  });
}

async function readState(): Promise<void> {
  try {
    const response = await fetch('/_/api/state');
    const state = (await response.json()) as InspectorState;
    inspectorState.value = state;
    activeFaults.value = state.faults;
    isFirstAnswerIn.value = state.total === 0 || isFirstAnswerIn.value || entries.length > 0;
  } catch {
    // The connection's own state tells.
  }
}

function on<T>(source: EventSource, name: string, handle: (data: T) => void): void {
  source.addEventListener(name, (event: MessageEvent<string>) => {
    lastId = event.lastEventId || lastId;
    handle(JSON.parse(event.data) as T);
  });
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  if (document.hidden) setTimeout(takeIn, HIDDEN_MS);
  else requestAnimationFrame(takeIn);
}

function takeIn(): void {
  isScheduled = false;
  const last = lastSeq();
  // What a reconnect brings a second time is known already.
  const fresh = waiting.filter(({ seq }) => seq > last);
  waiting = [];
  for (const entry of fresh) {
    entries.push(entry);
    countNames(entry, 1);
  }
  remove(entries.length - Math.min(MAX_ENTRIES, inspectorState.value?.maxEvents ?? MAX_ENTRIES));
  isFirstAnswerIn.value = true;
  changed();
}

function forget(upTo: number): void {
  waiting = waiting.filter(({ seq }) => seq > upTo);
  remove(after(entries, upTo));
  changed();
}

function changed(): void {
  changeCount.value += 1;
  if (areNamesScheduled) return;
  areNamesScheduled = true;
  // The first names are offered at once.
  setTimeout(listNames, eventNames.value.length === 0 ? 0 : NAMES_MS);
}

function listNames(): void {
  areNamesScheduled = false;
  known.events.value = eventCounts.list(MAX_NAMES);
  known.sources.value = sourceCounts.list(MAX_NAMES);
}

/** Removes the oldest. */
function remove(count: number): void {
  if (count <= 0) return;
  for (const entry of entries.splice(0, count)) countNames(entry, -1);
}

function countNames(entry: EntrySummary, by: 1 | -1): void {
  if (entry.kind === 'event' || entry.kind === 'duplicate') eventCounts.add(entry.foldedName, entry.name, by);
  if (entry.source !== null) sourceCounts.add(entry.source, entry.source, by);
}
