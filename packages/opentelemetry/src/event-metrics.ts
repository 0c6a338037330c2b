import type { Attributes } from '@opentelemetry/api';
import { type ClientMessage, subscribe } from '@verotrack/core/diagnostics';
import { DROP_REASON, ERROR_TYPE, EVENT_NAME, PROJECT, SKIP_REASON } from './attributes.ts';
import type { EventNames } from './event-names.ts';
import type { Instruments } from './instruments.ts';

/** Counts what clients tell, until the returned function is called. */
export function countEvents(instruments: () => Instruments, names: EventNames): () => void {
  const of = ({ client }: ClientMessage, name?: string): Attributes => {
    const bounded = name === undefined ? undefined : names.bounded(name);
    return bounded === undefined
      ? { [PROJECT]: client.project }
      : { [PROJECT]: client.project, [EVENT_NAME]: bounded };
  };
  const ends = [
    subscribe('accepted', (told) => instruments().accepted.add(1, of(told, told.event.name))),
    subscribe('taken', (told) => instruments().taken.add(1, of(told, told.event.name))),
    subscribe('handedOver', (told) => instruments().handedOver.add(1, of(told, told.event.name))),
    subscribe('delivered', (told) => {
      const { name, acceptedAt } = told.event;
      instruments().delivered.add(1, of(told, name));
      // Without the name: a histogram is as many time series as it has buckets.
      instruments().deliveryDuration.record(Math.max(0, Date.now() - acceptedAt) / 1_000, of(told));
    }),
    subscribe('rejected', (told) =>
      instruments().rejected.add(1, { ...of(told, told.event.name), [ERROR_TYPE]: told.failure }),
    ),
    subscribe('dropped', (told) =>
      instruments().dropped.add(1, { ...of(told, told.event.name), [DROP_REASON]: told.reason }),
    ),
    subscribe('skipped', (told) =>
      instruments().skipped.add(1, { ...of(told, told.name), [SKIP_REASON]: told.reason }),
    ),
    subscribe('invalid', (told) => instruments().invalid.add(1, of(told, told.name))),
    subscribe('retrying', (told) =>
      instruments().retries.add(1, { ...of(told), [ERROR_TYPE]: told.failure }),
    ),
    subscribe('error', (told) => instruments().errors.add(1, { ...of(told), [ERROR_TYPE]: told.code })),
    subscribe('attempt:end', (told) => {
      if (!told.end) return;
      const { durationMs, failure } = told.end;
      const attributes = failure === undefined ? of(told) : { ...of(told), [ERROR_TYPE]: failure };
      instruments().attemptDuration.record(durationMs / 1_000, attributes);
    }),
  ];
  return () => {
    for (const stop of ends) stop();
  };
}
