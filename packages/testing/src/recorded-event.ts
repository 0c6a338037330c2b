import type {
  EventCatalogue,
  EventName,
  EventOutput,
  Json,
  SentIdentity,
  TrackPayload,
} from '@verotrack/core';
import type { QueueRecord } from '@verotrack/core/queue';

/** A value as JSON says it. */
export type Sent<Value> = Value extends Date
  ? string
  : Value extends readonly (infer Item)[]
    ? readonly Sent<Item>[]
    : Value extends object
      ? { readonly [Key in keyof Value]: Sent<Value[Key]> }
      : Value;

/** What Vero would get as the data of an event. */
export type SentData<Events extends EventCatalogue, Name extends string> =
  string extends EventName<Events>
    ? { readonly [key: string]: Json } | undefined
    : Sent<EventOutput<Events, Name>>;

/** An event that was tracked, as Vero would get it. */
export interface RecordedEvent<
  Name extends string = string,
  Data = { readonly [key: string]: Json } | undefined,
> {
  /** The event's name. */
  readonly name: Name;
  /** Who did it, as Vero would get it. */
  readonly identity: SentIdentity;
  /** What describes it, as Vero would get it. */
  readonly data: Data;
  /** When it happened: ISO 8601, UTC. */
  readonly createdAt: string;
  /** Identifies the event. */
  readonly eventId: string;
  /** Free text that Vero would keep as its source. */
  readonly source: string | undefined;
  /** Vero's conversion id. */
  readonly conversionId: string | undefined;
  /** Whether Vero would keep it apart from production. */
  readonly developmentMode: boolean;
}

/** An event of a catalogue, one of its names or any of them. */
export type EventOf<
  Events extends EventCatalogue,
  Name extends string = EventName<Events>,
> = Name extends string ? RecordedEvent<Name, SentData<Events, Name>> : never;

/** Part of a value: what is left out may be anything. Values may also be matchers, such as `expect.any(String)`. */
export type PartOf<Value> = Value extends readonly (infer Item)[]
  ? readonly PartOf<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]?: PartOf<Value[Key]> | undefined }
    : Value;

/** What is expected of an event: a part of it. */
export type ExpectedEvent<Events extends EventCatalogue, Name extends string> = PartOf<
  Omit<RecordedEvent<Name, SentData<Events, Name>>, 'name'>
>;

export function recordedEvent({ id, body }: QueueRecord): RecordedEvent {
  const { event_name, identity, data, development_mode, extras } = JSON.parse(body) as TrackPayload;
  return {
    name: event_name,
    identity,
    data,
    createdAt: extras?.created_at ?? '',
    eventId: id,
    source: extras?.source,
    conversionId: extras?.vero_conv,
    developmentMode: development_mode ?? false,
  };
}
