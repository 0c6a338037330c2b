import type { AnyVero, EventIssue } from '@verotrack/core';

/** Why an event was not tracked, or what else went wrong. */
export interface Untracked {
  /** The event's name, where it is known; several, where one of them would have been chosen. */
  readonly name: string | undefined;
  /** `skipped`: nothing was wrong. `invalid`: it was refused. `dropped`: it was given up. `error`: something failed. */
  readonly kind: 'skipped' | 'invalid' | 'dropped' | 'error';
  /** In words. */
  readonly reason: string;
  /** The request or call, where it is known. */
  readonly route: string | undefined;
}

/** Listens to what a client does not track. */
export function watchUntracked(vero: AnyVero, add: (untracked: Untracked, eventId?: string) => void): void {
  vero.on('skipped', ({ name, reason, route, detail }) => {
    add({ name, kind: 'skipped', reason: detail === undefined ? reason : `${reason} (${detail})`, route });
  });
  vero.on('invalid', ({ name, error: { issues }, route }) => {
    add({ name, kind: 'invalid', reason: issues.map(wordsOf).join('; '), route });
  });
  vero.on('dropped', ({ event: { name, eventId }, reason }) => {
    add({ name, kind: 'dropped', reason, route: undefined }, eventId);
  });
  vero.on('error', ({ error, name, route }) => add({ name, kind: 'error', reason: error.message, route }));
}

// In a test, the words of a schema may quote a value.
const wordsOf = ({ path, message }: EventIssue): string => `${path}: ${message}`;
