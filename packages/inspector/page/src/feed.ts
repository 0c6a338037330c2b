import { type ReadonlySignal, signal } from '@preact/signals';
import type { EntrySummary, FaultState, InspectorState } from '../../src/page-contract.ts';
import { after, NameCounts } from './entries.ts';

/** What the page keeps. The server may keep more. */
const MAX_ENTRIES = 10_000;
const RECONNECT_MS = 1_000;
/** Where nothing is painted, nothing waits for a frame. */
const HIDDEN_MS = 250;

/** By `seq`, oldest first. Changes in place: {@link changes} tells when. */
export const entries: EntrySummary[] = [];
export const eventNames: NameCounts = new NameCounts();
export const sources: NameCounts = new NameCounts();

const changeCount = signal(0);
/** Grows when {@link entries} changed: at most once a frame. */
export const changes: ReadonlySignal<number> = changeCount;
const connectionState = signal<'connecting' | 'live' | 'reconnecting'>('connecting');
export const connection: ReadonlySignal<'connecting' | 'live' | 'reconnecting'> = connectionState;
const activeFaults = signal<readonly FaultState[]>([]);
export const faults: ReadonlySignal<readonly FaultState[]> = activeFaults;
const inspectorState = signal<InspectorState | undefined>(undefined);
export const inspector: ReadonlySignal<InspectorState | undefined> = inspectorState;
/** Whether the first entries have come, so that an empty feed is an empty feed. */
const isFirstAnswerIn = signal(false);
export const isLoaded: ReadonlySignal<boolean> = isFirstAnswerIn;

let waiting: EntrySummary[] = [];
let isScheduled = false;

export function lastSeq(): number {
  return entries.at(-1)?.seq ?? 0;
}

/** Follows the server's feed from now on. */
export function follow(): void {
  const source = new EventSource(`/_/api/feed?after=${lastSeq()}`);
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
  source.addEventListener(name, (event: MessageEvent<string>) => handle(JSON.parse(event.data) as T));
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
  remove(entries.length - MAX_ENTRIES);
  isFirstAnswerIn.value = true;
  changeCount.value += 1;
}

function forget(upTo: number): void {
  waiting = waiting.filter(({ seq }) => seq > upTo);
  remove(after(entries, upTo));
  changeCount.value += 1;
}

/** Removes the oldest. */
function remove(count: number): void {
  if (count <= 0) return;
  for (const entry of entries.splice(0, count)) countNames(entry, -1);
}

function countNames(entry: EntrySummary, by: 1 | -1): void {
  if (entry.kind === 'event' || entry.kind === 'duplicate') eventNames.add(entry.foldedName, entry.name, by);
  if (entry.source !== null) sources.add(entry.source, entry.source, by);
}
