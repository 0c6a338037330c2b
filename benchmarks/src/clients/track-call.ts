import type { CartEvent } from '../event.ts';

/** The event as Segment takes it, and RudderStack, whose calls are Segment's. */
export function trackCall({ name, identity: { id, ...traits }, data }: CartEvent) {
  return { userId: id, event: name, properties: data, context: { traits } };
}
