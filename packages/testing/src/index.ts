/**
 * A recorder for tests of what an application tracks, and the matchers for whichever runner.
 *
 * @packageDocumentation
 */
export { type ExpectedIn, type NameIn, type TrackingMatchers, trackingMatchers } from './matchers.ts';
export { replaceVero, type TestingModuleBuilder } from './nest.ts';
export type { EventOf, ExpectedEvent, PartOf, RecordedEvent, Sent, SentData } from './recorded-event.ts';
export { type Limits, type Recorder, type RecorderOptions, recordVero } from './recorder.ts';
export type { Untracked } from './untracked.ts';
