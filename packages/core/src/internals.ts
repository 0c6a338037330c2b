import type { Attachment } from './adapter/attachment.ts';
import type { DeclaredEvent } from './adapter/declared-events.ts';
import type { Ledger } from './delivery/ledger.ts';
import { isMarked, VeroError } from './errors.ts';
import type { EventFactory } from './event-factory.ts';
import type { Intake } from './intake.ts';
import type { EventQueue } from './queue/contract.ts';
import type { Scopes } from './scopes.ts';

/** What a client lets adapters use. */
export interface ClientInternals {
  readonly scopes: Scopes;
  readonly intake: Intake;
  readonly events: EventFactory;
  readonly ledger: Ledger;
  readonly queue: EventQueue;
  /** The declarations that a piece of work has already seen. */
  readonly declared: Attachment<object[]>;
  /** What was declared through the client, by what it says and its place in the code. */
  readonly declaredEvents: Map<string, DeclaredEvent>;
}

// Registered, so that an adapter with another copy of this package finds it.
const INTERNALS: unique symbol = Symbol.for('verotrack.client') as never;

export function attachInternals(client: object, internals: ClientInternals): void {
  Object.defineProperty(client, INTERNALS, { value: internals });
}

/** Whether it is a client, of whichever copy of this package. */
export function isClient(value: unknown): value is { readonly [INTERNALS]: ClientInternals } {
  return isMarked(value, INTERNALS);
}

/** @throws {VeroError} `VERO_CONFIG` when `vero` is no client */
export function internalsOf(vero: unknown, where: string): ClientInternals {
  if (isClient(vero)) return vero[INTERNALS];
  throw new VeroError('VERO_CONFIG', `${where}: its client must be one that createVero made`);
}
