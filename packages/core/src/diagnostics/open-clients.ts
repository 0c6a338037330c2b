import type { ObservedClient } from './messages.ts';

// Registered, so that two copies of this package have one list.
const OPEN_CLIENTS = Symbol.for('verotrack.open-clients');

/** Weak: a client that nobody uses any more need not have been closed. */
type Registry = Set<WeakRef<ObservedClient>>;

/** The clients and workers of this process that have not been closed, oldest first. */
export function openClients(): readonly ObservedClient[] {
  const open: ObservedClient[] = [];
  for (const reference of registry()) {
    const client = reference.deref();
    if (client) open.push(client);
    else registry().delete(reference);
  }
  return open;
}

/** Enters a client; the returned function says that it is closed. */
export function enterClient(client: ObservedClient): () => void {
  const reference = new WeakRef(client);
  // Looks through the others, so that those that are gone make room.
  openClients();
  registry().add(reference);
  return () => void registry().delete(reference);
}

function registry(): Registry {
  const holder = globalThis as { [OPEN_CLIENTS]?: Registry };
  const known = holder[OPEN_CLIENTS];
  if (known) return known;
  const made: Registry = new Set();
  Object.defineProperty(holder, OPEN_CLIENTS, { value: made });
  return made;
}
