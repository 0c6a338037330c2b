import { VeroError } from './errors.ts';

// Registered, so that clients of two copies of this package count together.
const USERS: unique symbol = Symbol.for('verotrack.users') as never;

/** A queue or a transport that may serve several clients. */
type Part = object & { [USERS]?: readonly string[] };

/** A client begins to use it. */
export function retain(part: Part, project: string): void {
  setUsers(part, [...(part[USERS] ?? []), project]);
}

/** A client has done with it. Says whether it was the last. */
export function release(part: Part, project: string): boolean {
  const users = [...(part[USERS] ?? [])];
  const index = users.indexOf(project);
  if (index >= 0) users.splice(index, 1);
  setUsers(part, users);
  return users.length === 0;
}

/**
 * In memory, each event is for the client that accepted it: two clients of one project would take each other's.
 *
 * @throws {VeroError} `VERO_CONFIG`
 */
export function assertOwnProject(queue: Part & { readonly isDurable?: boolean }, project: string): void {
  if (queue.isDurable || !queue[USERS]?.includes(project)) return;
  const message = `createVero: option "queue" serves another client of the project "${project}"; give each its own "project"`;
  throw new VeroError('VERO_CONFIG', message);
}

function setUsers(part: Part, users: readonly string[]): void {
  Reflect.defineProperty(part, USERS, { value: users, configurable: true, writable: true });
}
