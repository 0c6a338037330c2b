import { type ReadonlySignal, signal } from '@preact/signals';

export const VIEWS = ['feed', 'people', 'chart', 'templates', 'triggers', 'faults'] as const;
export type View = (typeof VIEWS)[number];

/** Where one is, as the address says: `#/people/42?dev=1`. */
export interface Route {
  readonly view: View;
  /** What follows the view: for people, an id. */
  readonly rest: string | null;
  readonly params: URLSearchParams;
}

const current = signal<Route>(parse(location.hash));
export const route: ReadonlySignal<Route> = current;

/** The feed's address as it was left, filters and all. */
const feedLeftAt = signal(current.value.view === 'feed' ? location.hash : '#/feed');
export const feedHref: ReadonlySignal<string> = feedLeftAt;

addEventListener('hashchange', () => read());

export function hrefTo(
  view: View,
  rest: string | null = null,
  params: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const given = Object.entries(params).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  const query = new URLSearchParams(given).toString();
  return `#/${view}${rest === null ? '' : `/${encoded(rest)}`}${query && `?${query}`}`;
}

/** @param how `replace` leaves no step behind for the back button */
function go(href: string, how: 'push' | 'replace' = 'push'): void {
  try {
    if (how === 'push') history.pushState(null, '', href);
    else history.replaceState(null, '', href);
  } catch {
    // Browsers limit how often the address changes: the page goes on without it.
  }
  read(href);
}

/** Changes parameters of the present address; `undefined` and `''` take one away. */
export function changeParams(
  changes: Readonly<Record<string, string | number | undefined>>,
  how: 'push' | 'replace' = 'replace',
): void {
  const { view, rest, params } = current.value;
  go(hrefTo(view, rest, { ...Object.fromEntries(params), ...changes }), how);
}

function read(hash: string = location.hash): void {
  current.value = parse(hash);
  if (current.value.view === 'feed') feedLeftAt.value = hash || '#/feed';
}

function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const [view, rest] = path.split(/\/(.*)/s);
  return {
    view: VIEWS.find((each) => each === view) ?? 'feed',
    rest: rest ? decoded(rest) : null,
    params: new URLSearchParams(query),
  };
}

/** Whether what is shown is of development mode, as the address says. */
export function isDevelopment(): boolean {
  return current.value.params.get('dev') === '1';
}

/** What says so in an address. */
export function modeParam(isChosen: boolean): { readonly dev: number | undefined } {
  return { dev: isChosen ? 1 : undefined };
}

/** Half of a character has no place in an address. */
export function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
