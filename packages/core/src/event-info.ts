import type { QueueRecord } from './queue/contract.ts';

/** An accepted event, as the client tells of it: never its identity or data. */
export interface EventInfo<Name extends string = string> {
  /** One of the catalogue's; or what another release left in a durable queue. */
  readonly name: Name;
  /** Identifies the event through every retry and restart. */
  readonly eventId: string;
  /** In milliseconds since 1970. */
  readonly acceptedAt: number;
}

/** What of a record is told. */
export type EventFacts = Pick<QueueRecord, 'id' | 'name' | 'acceptedAt'>;

/** Never its body. */
export function infoOf({ name, id, acceptedAt }: EventFacts): EventInfo {
  return { name, eventId: id, acceptedAt };
}
