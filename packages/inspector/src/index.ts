/**
 * A local Vero, for development and tests.
 *
 * @packageDocumentation
 */
export type { ReceivedEvent, ReceivedRequest } from './event-log.ts';
export type { DelayFault, Fault, StatusFault } from './faults.ts';
export { type Inspector, startInspector, type WaitOptions } from './inspector.ts';
export type { InspectorOptions } from './options.ts';
export type { ReceivedUser } from './user.ts';
