import { aBoolean, checkOptions, type OptionRule } from '@verotrack/core/adapter';

/** What {@link VeroInstrumentation} takes. */
export interface VeroInstrumentationConfig {
  /** Whether it begins at once. @default true */
  readonly enabled?: boolean;
  /**
   * Whether each attempt to deliver an event is a span, which links to the span that the event was made in. For the link, the
   * event's trace context is stored with it.
   * @default true
   */
  readonly spans?: boolean | undefined;
  /**
   * So many different names of events are told apart, in the order in which they come; others are `_OTHER`. With 0 no metric
   * and no span has the name of an event. It bounds what metrics cost when names are made of data.
   * @default 200
   */
  readonly maxEventNames?: number | undefined;
  /**
   * Whether queues are asked what they hold at each collection of metrics (`verotrack.queue.waiting`,
   * `verotrack.queue.dead_letters`). One in a database is asked there.
   * @default false
   */
  readonly queueCounts?: boolean | undefined;
}

/** The options with every default in its place. */
export interface InstrumentationSettings {
  readonly enabled: boolean;
  readonly spans: boolean;
  readonly maxEventNames: number;
  readonly queueCounts: boolean;
}

const aCount: OptionRule = {
  expected: 'a whole number, at least 0',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};

/** @throws {VeroError} `VERO_CONFIG`, naming the option and what it should be */
export function instrumentationSettings(config: VeroInstrumentationConfig = {}): InstrumentationSettings {
  const options = checkOptions('VeroInstrumentation', config, {
    enabled: aBoolean,
    spans: aBoolean,
    maxEventNames: aCount,
    queueCounts: aBoolean,
  });
  return {
    enabled: options.enabled ?? true,
    spans: options.spans ?? true,
    maxEventNames: options.maxEventNames ?? 200,
    queueCounts: options.queueCounts ?? false,
  };
}
