import { InvalidEventError, isVeroError, messageOf, VeroError } from './errors.ts';
import type { EventOptions } from './event.ts';
import type { CheckedIdentity } from './identity.ts';
import { internalsOf } from './internals.ts';
import type { EventQueue, QueueRecord } from './queue/contract.ts';
import type { Scope } from './scope.ts';

/**
 * The record of an event whose caller waits for it; or why there is none, which is counted and told.
 *
 * @param where - the function that was called, for messages
 * @throws {InvalidEventError} the event was wrong
 * @throws {VeroError} `VERO_NO_IDENTITY` or `VERO_CALLBACK_FAILED`
 */
export function recordNow(
  vero: object,
  where: string,
  name: string,
  options: EventOptions | undefined,
): QueueRecord | 'disabled' | 'refused' {
  const { scopes, intake, events } = internalsOf(vero, where);
  const scope = scopes.current;
  const counted = <T>(work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      if (thrown instanceof InvalidEventError) intake.countInvalid(name, thrown);
      throw thrown;
    }
  };
  const draft = counted(() => events.validDraft(name, options, Date.now()));
  const identity = draft.ownIdentity === undefined ? identityOf(scope, where) : draft.ownIdentity;
  if (!identity) {
    intake.skip(name, 'no-identity', scope?.route);
    throw new VeroError('VERO_NO_IDENTITY', `${where}: event "${name}" has no identity`);
  }
  const record = counted(() => events.make(draft, identity));
  const reason = intake.isEnabled ? 'refused' : 'disabled';
  if (record && intake.isEnabled) return record;
  intake.skip(name, reason, scope?.route);
  return reason;
}

/** The queue of a client. @throws {VeroError} `VERO_CONFIG` when `vero` is none */
export function queueOf(vero: object, where: string): EventQueue {
  return internalsOf(vero, where).queue;
}

function identityOf(scope: Scope | undefined, where: string): CheckedIdentity | undefined {
  try {
    return scope?.identity();
  } catch (thrown) {
    if (isVeroError(thrown)) throw thrown;
    const message = `${where}: the callback "identify" failed: ${messageOf(thrown)}`;
    throw new VeroError('VERO_CALLBACK_FAILED', message, { cause: thrown });
  }
}
