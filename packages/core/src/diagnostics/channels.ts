import { type Channel, channel } from 'node:diagnostics_channel';
import { messageOf, VeroError } from '../errors.ts';
import { oneLine } from '../one-line.ts';
import { containRejection } from '../within.ts';
import type { VeroDiagnostics } from './messages.ts';

type Name = keyof VeroDiagnostics;

/** The names of all channels, on which every copy of this package in the process publishes. */
export const VERO_CHANNELS: { readonly [What in Name]: `verotrack:${What}` } = {
  created: 'verotrack:created',
  accepted: 'verotrack:accepted',
  taken: 'verotrack:taken',
  handedOver: 'verotrack:handedOver',
  delivered: 'verotrack:delivered',
  retrying: 'verotrack:retrying',
  rejected: 'verotrack:rejected',
  dropped: 'verotrack:dropped',
  invalid: 'verotrack:invalid',
  skipped: 'verotrack:skipped',
  paused: 'verotrack:paused',
  resumed: 'verotrack:resumed',
  error: 'verotrack:error',
  'attempt:start': 'verotrack:attempt:start',
  'attempt:end': 'verotrack:attempt:end',
};

/** The channels themselves: a look at one without subscribers is all that an event then costs. */
export const channels: { readonly [What in Name]: Channel } = Object.fromEntries(
  Object.entries(VERO_CHANNELS).map(([what, name]) => [what, channel(name)]),
) as Record<Name, Channel>;

/** A subscriber that tracks an event may cause what it is told of. So often it is a loop, which would end with the stack. */
const MAX_DEPTH = 10;

/**
 * Subscribes to a channel. Unlike with a subscriber of `node:diagnostics_channel` itself, whose error is an uncaught
 * exception of the process, what `listener` throws or rejects with is contained, and warned of once.
 *
 * @param name - one of {@link VeroDiagnostics}, without `verotrack:`
 * @returns a function that ends the subscription
 * @throws {VeroError} `VERO_CONFIG` for another name, or a listener that is no function
 * @example
 * const stop = subscribe('dropped', ({ event, reason }) => console.error(`${event.name} was lost: ${reason}`));
 */
export function subscribe<What extends Name>(
  name: What,
  listener: (message: VeroDiagnostics[What]) => void,
): () => void {
  if (!Object.hasOwn(channels, name)) {
    const names = Object.keys(channels).join(', ');
    throw new VeroError('VERO_CONFIG', `subscribe: no channel "${String(name)}"; there are ${names}`);
  }
  if (typeof listener !== 'function')
    throw new VeroError('VERO_CONFIG', 'subscribe: its listener must be a function');
  let depth = 0;
  let hasWarned = false;
  const warn = (problem: string): void => {
    if (hasWarned) return;
    hasWarned = true;
    const message = oneLine(`A subscriber of "${VERO_CHANNELS[name]}" ${problem}`);
    process.emitWarning(message, { type: 'VerotrackWarning', code: 'VERO_LISTENER_FAILED' });
  };
  const failed = (thrown: unknown): void => warn(`failed: ${messageOf(thrown)}`);
  // The others still hear of everything: what they count adds up.
  const contained = (message: unknown): void => {
    if (depth >= MAX_DEPTH)
      return warn('causes what it is told of, again and again: it is not told of it any more');
    depth++;
    try {
      containRejection(listener(message as VeroDiagnostics[What]), failed);
    } catch (thrown) {
      failed(thrown);
    }
    depth--;
  };
  channels[name].subscribe(contained);
  return () => void channels[name].unsubscribe(contained);
}
