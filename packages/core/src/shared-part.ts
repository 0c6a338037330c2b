// Registered, so that clients of two copies of this package count together.
const USERS: unique symbol = Symbol.for('verotrack.users') as never;

/** A queue or a transport that may serve several clients. */
type Part = object & { [USERS]?: number };

/** A client begins to use it. */
export function retain(part: Part): void {
  const users = (part[USERS] ?? 0) + 1;
  Reflect.defineProperty(part, USERS, { value: users, configurable: true, writable: true });
}

/** A client has done with it. Says whether it was the last. */
export function release(part: Part): boolean {
  const users = Math.max(0, (part[USERS] ?? 1) - 1);
  Reflect.defineProperty(part, USERS, { value: users, configurable: true, writable: true });
  return users === 0;
}
