import { useEffect, useState } from 'preact/hooks';
import type { ApiError } from '../../src/page-contract.ts';
import { changes } from './feed.ts';

const BASE = '/_/api/';
const JSON_HEADERS = { 'content-type': 'application/json' };
/** What shows live is asked again at most so often. */
const REFRESH_MS = 1_000;
/** Time goes on where nothing comes: bars move, and somebody's days are over. */
const CLOCK_MS = 10_000;

/** @throws with the server's own words */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(BASE + path, init);
  const text = await response.text();
  if (!response.ok) throw new Error(messageIn(text) ?? `The inspector answered ${response.status}.`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

export function post<T>(path: string, body: unknown = {}, signal: AbortSignal | null = null): Promise<T> {
  return ask(path, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(body), signal });
}

export function remove(path: string): Promise<void> {
  return ask(path, { method: 'DELETE', headers: JSON_HEADERS });
}

export interface Asked<T> {
  /** Of the last answer: while another is on its way, it stays. */
  readonly data: T | undefined;
  readonly error: string | undefined;
}

/**
 * What the server says, and says again as the feed moves.
 * @param key asks anew when it changes; `null` asks nothing
 */
export function useLive<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({ data: undefined, error: undefined });
  // `key` says all that `load` depends on.
  useEffect(() => {
    if (key === null) return;
    const leaving = new AbortController();
    let timer: number | undefined;
    let isBusy = false;
    let isOutdated = false;
    const refresh = async (): Promise<void> => {
      isBusy = true;
      isOutdated = false;
      try {
        const data = await load(leaving.signal);
        if (!leaving.signal.aborted) setAsked({ data, error: undefined });
      } catch (error) {
        if (!leaving.signal.aborted) setAsked(({ data }) => ({ data, error: textOf(error) }));
      }
      if (leaving.signal.aborted) return;
      timer = setTimeout(() => {
        isBusy = false;
        if (isOutdated) void refresh();
      }, REFRESH_MS);
    };
    const refreshSoon = (): void => {
      if (isBusy) isOutdated = true;
      else void refresh();
    };
    const unsubscribe = changes.subscribe(refreshSoon);
    const clock = setInterval(() => {
      if (!document.hidden) refreshSoon();
    }, CLOCK_MS);
    return () => {
      leaving.abort();
      clearTimeout(timer);
      clearInterval(clock);
      unsubscribe();
    };
  }, [key]);
  return asked;
}

/** As {@link useLive}, of a `GET`. */
export function useLiveGet<T>(path: string | null): Asked<T> {
  return useLive(path, (signal) => ask<T>(path ?? '', { signal }));
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function messageIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as ApiError).message;
  } catch {
    return undefined;
  }
}
