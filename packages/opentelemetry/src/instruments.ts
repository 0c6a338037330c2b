import type { Counter, Histogram, Meter, ObservableGauge, ObservableUpDownCounter } from '@opentelemetry/api';

/** Every metric there is. */
export interface Instruments {
  readonly accepted: Counter;
  readonly taken: Counter;
  readonly handedOver: Counter;
  readonly delivered: Counter;
  readonly rejected: Counter;
  readonly dropped: Counter;
  readonly skipped: Counter;
  readonly invalid: Counter;
  readonly retries: Counter;
  readonly errors: Counter;
  readonly deliveryDuration: Histogram;
  readonly attemptDuration: Histogram;
  readonly pending: ObservableUpDownCounter;
  readonly pendingAge: ObservableGauge;
  readonly paused: ObservableUpDownCounter;
  readonly queueWaiting: ObservableGauge;
  readonly deadLetters: ObservableGauge;
}

/** From a moment to the day after which an event is given up. */
const DELIVERY_SECONDS = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400,
];
/** Those of the conventions for HTTP. */
const ATTEMPT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

export function createInstruments(meter: Meter): Instruments {
  const events = (name: string, description: string): Counter =>
    meter.createCounter(`verotrack.event.${name}`, { unit: '{event}', description });
  return {
    accepted: events('accepted', 'Events that a client took responsibility for.'),
    taken: events(
      'taken',
      'Events that were got from a queue, where another process or an earlier run put them.',
    ),
    handedOver: events('handed_over', 'Events that were left to a queue that outlives the client.'),
    delivered: events('delivered', 'Events that Vero has.'),
    rejected: events('rejected', 'Events that Vero refused for good.'),
    dropped: events('dropped', 'Events that were accepted and given up.'),
    skipped: events('skipped', 'Events that were not sent, although nothing was wrong with them.'),
    invalid: events('invalid', 'Events that were refused by validation.'),
    retries: meter.createCounter('verotrack.delivery.retries', {
      unit: '{retry}',
      description: 'Attempts that failed and are made again.',
    }),
    errors: meter.createCounter('verotrack.client.errors', {
      unit: '{error}',
      description: 'Other errors, which were contained.',
    }),
    deliveryDuration: meter.createHistogram('verotrack.event.delivery.duration', {
      unit: 's',
      description: 'From the acceptance of an event to its delivery.',
      advice: { explicitBucketBoundaries: DELIVERY_SECONDS },
    }),
    attemptDuration: meter.createHistogram('verotrack.attempt.duration', {
      unit: 's',
      description: 'Attempts to deliver an event.',
      advice: { explicitBucketBoundaries: ATTEMPT_SECONDS },
    }),
    pending: meter.createObservableUpDownCounter('verotrack.event.pending', {
      unit: '{event}',
      description: 'Events that this process accepted or took, and that have not ended.',
    }),
    pendingAge: meter.createObservableGauge('verotrack.event.pending.age', {
      unit: 's',
      description: 'How long the oldest of them has waited; 0 when none waits.',
    }),
    paused: meter.createObservableUpDownCounter('verotrack.delivery.paused', {
      unit: '{client}',
      description: 'Clients and workers whose delivery is paused.',
    }),
    queueWaiting: meter.createObservableGauge('verotrack.queue.waiting', {
      unit: '{event}',
      description: 'Events that wait in the queue, for everybody who shares it.',
    }),
    deadLetters: meter.createObservableGauge('verotrack.queue.dead_letters', {
      unit: '{event}',
      description: 'Dead letters in the queue, for everybody who shares it.',
    }),
  };
}
