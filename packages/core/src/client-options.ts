import {
  aCatalogue,
  type EventCatalogue,
  type IdentityDefinition,
  type OpenCatalogue,
  type OpenIdentity,
} from './catalogue.ts';
import type { CredentialSource } from './delivery/credential.ts';
import type { SendCandidate } from './delivery/decisions.ts';
import type { RetryOptions } from './delivery/retry.ts';
import { booleanFrom, tokenFrom, trackUrl } from './environment.ts';
import type { PendingEvent } from './event.ts';
import type { IdentityRules } from './identity.ts';
import {
  aBoolean,
  aFunction,
  anObject,
  aString,
  checkOptions,
  countOrInfinity,
  having,
  listOfStrings,
  milliseconds,
  type OptionRule,
  oneOf,
  positiveInteger,
  positiveMilliseconds,
} from './options.ts';
import { DEFAULT_MAX_PAYLOAD_BYTES } from './payload.ts';
import type { EventQueue } from './queue/contract.ts';
import { memoryQueue } from './queue/memory.ts';
import type { Logger } from './reporter.ts';
import { isSchema } from './schema.ts';
import { checkNode } from './supported-node.ts';
import type { Transport } from './transport/contract.ts';
import { kyTransport } from './transport/ky.ts';

/** How accepted events are sent. */
export interface DeliveryOptions {
  /** Attempts under way at once. @default 16 */
  readonly concurrency?: number | undefined;
  /** How long an attempt may take, in milliseconds. @default 10_000; 4_000 with the preset `serverless` */
  readonly timeoutMs?: number | undefined;
  /** When failed attempts are made again, and for how long. */
  readonly retry?: RetryOptions | undefined;
}

/** The options of {@link createVero}. */
export interface VeroOptions<
  Events extends EventCatalogue = OpenCatalogue,
  User extends IdentityDefinition = OpenIdentity,
> extends IdentityRules {
  /**
   * Vero's API token, or a function that gives it and is asked again after a 401.
   * @default the environment variable VERO_AUTH_TOKEN
   */
  readonly authToken?: CredentialSource | undefined;
  /**
   * Keep events and users apart from production; e-mails go to the account's own address.
   * @default the environment variable VERO_DEVELOPMENT_MODE, then false
   */
  readonly developmentMode?: boolean | undefined;
  /**
   * Where Vero is.
   * @default the environment variable VERO_BASE_URL, then 'https://api.getvero.com'
   */
  readonly baseUrl?: string | undefined;
  /** Allow plain HTTP to another machine: the auth token would be readable on the way. @default false */
  readonly allowInsecure?: boolean | undefined;
  /**
   * `false` validates events and sends none: they are `skipped`, with the reason `disabled`.
   * @default the environment variable VERO_ENABLED, then true
   */
  readonly enabled?: boolean | undefined;
  /** The events that there are, and what they say; see {@link defineEvents}. @default any */
  readonly events?: Events | undefined;
  /** What users are, where their attributes are to be known; see {@link defineIdentity}. @default anything with an id */
  readonly identity?: User | undefined;
  /**
   * What becomes of an event or an identity that does not fit its schema, and of an event that is not in the catalogue:
   * it is `invalid`, or it goes out as it is, and is told.
   * @default 'refuse'
   */
  readonly onInvalid?: 'refuse' | 'send' | undefined;
  /** Where accepted events wait. @default memoryQueue() */
  readonly queue?: EventQueue | undefined;
  /** What sends them. @default kyTransport() */
  readonly transport?: Transport | undefined;
  /** How accepted events are sent: how many at once, for how long, how often again. */
  readonly delivery?: DeliveryOptions | undefined;
  /**
   * `serverless` bounds attempts and retries to seconds, because nothing runs after the platform's freeze.
   * @default 'server'
   */
  readonly preset?: 'server' | 'serverless' | undefined;
  /** Tells queues that several clients share which events are whose. @default 'default' */
  readonly project?: string | undefined;
  /** What events name as their source, unless they name one themselves. @default none */
  readonly source?: string | undefined;
  /** Whether look-alike events within Vero's deduplication window all count. @default false */
  readonly unique?: boolean | undefined;
  /** Largest encoded payload without the credential, in bytes. @default 262_144 */
  readonly maxPayloadBytes?: number | undefined;
  /** Takes problems that nobody listens for, each code once a minute at most. @default process.emitWarning */
  readonly logger?: Logger | undefined;
  /**
   * Keeps a serverless platform awake: called inside the request with a promise that covers the settling and the
   * delivery of that request's events.
   */
  readonly waitUntil?: ((promise: Promise<void>) => void) | undefined;
  /**
   * Redact or refuse an event before anything is stored. It gets a copy, which it may change and return; `null`
   * refuses. When it throws, the event is not sent.
   */
  readonly beforeAccept?: ((event: PendingEvent) => PendingEvent | null) | undefined;
  /**
   * Veto an event just before its first attempt, when consent was withdrawn meanwhile, for example. `false` drops
   * it; when it throws or rejects, it is asked again later.
   */
  readonly beforeSend?: ((event: SendCandidate) => boolean | Promise<boolean>) | undefined;
}

/** What whoever only delivers needs to know. */
export interface WorkerOptions
  extends Pick<
    VeroOptions,
    | 'authToken'
    | 'baseUrl'
    | 'allowInsecure'
    | 'enabled'
    | 'transport'
    | 'delivery'
    | 'project'
    | 'logger'
    | 'beforeSend'
  > {
  /** Where the events wait. */
  readonly queue: EventQueue;
}

/** The options, whatever catalogue they name. */
export type AnyVeroOptions = VeroOptions<EventCatalogue, IdentityDefinition>;

/** The options with every default in its place. */
export interface ClientSettings extends IdentityRules {
  readonly events: EventCatalogue | undefined;
  readonly identity: IdentityDefinition | undefined;
  readonly onInvalid: 'refuse' | 'send';
  readonly authToken: CredentialSource;
  readonly developmentMode: boolean;
  readonly url: string;
  readonly enabled: boolean;
  readonly queue: EventQueue;
  readonly transport: Transport;
  readonly delivery: {
    readonly concurrency: number;
    readonly timeoutMs: number;
    readonly retry: { readonly [Name in keyof RetryOptions]-?: NonNullable<RetryOptions[Name]> };
  };
  readonly project: string;
  readonly source: string | undefined;
  readonly unique: boolean;
  readonly maxPayloadBytes: number;
  readonly logger: Logger | undefined;
  readonly waitUntil: VeroOptions['waitUntil'];
  /** How long a promise given to `waitUntil` may last. */
  readonly waitUntilMs: number;
  readonly beforeAccept: VeroOptions['beforeAccept'];
  readonly beforeSend: VeroOptions['beforeSend'];
}

const aToken: OptionRule = {
  expected: 'a string that is not empty, or a function',
  accepts: (value) => aString.accepts(value) || aFunction.accepts(value),
};

const anIdentityDefinition: OptionRule = {
  expected: 'a definition that defineIdentity made',
  accepts: (value) => anObject.accepts(value) && isSchema((value as Partial<IdentityDefinition>).schema),
};

const DELIVERY_PRESETS = {
  server: {
    concurrency: 16,
    timeoutMs: 10_000,
    retry: { baseMs: 500, maxMs: 300_000, maxAgeMs: 24 * 60 * 60_000, maxAttempts: Number.POSITIVE_INFINITY },
    waitUntilMs: 30_000,
  },
  serverless: {
    concurrency: 16,
    timeoutMs: 4_000,
    retry: { baseMs: 100, maxMs: 1_000, maxAgeMs: 10_000, maxAttempts: 4 },
    waitUntilMs: 15_000,
  },
};

/** @throws {VeroError} `VERO_CONFIG`, naming the option or the environment variable */
export function clientSettings(given: AnyVeroOptions, env: NodeJS.ProcessEnv = process.env): ClientSettings {
  checkNode();
  const options = checkOptions('createVero', given, {
    authToken: aToken,
    developmentMode: aBoolean,
    baseUrl: aString,
    allowInsecure: aBoolean,
    enabled: aBoolean,
    events: aCatalogue,
    identity: anIdentityDefinition,
    onInvalid: oneOf('refuse', 'send'),
    queue: having('a queue', 'put', 'take', 'ack', 'retry', 'dead', 'counts', 'close'),
    transport: having('a transport', 'send'),
    delivery: anObject,
    preset: oneOf('server', 'serverless'),
    project: aString,
    source: aString,
    unique: aBoolean,
    maxPayloadBytes: positiveInteger,
    logger: aFunction,
    waitUntil: aFunction,
    beforeAccept: aFunction,
    beforeSend: aFunction,
    invalidEmail: oneOf('omit', 'refuse'),
    allowAttributes: listOfStrings,
  });
  const delivery = checkOptions('createVero: delivery', options.delivery ?? {}, {
    concurrency: positiveInteger,
    timeoutMs: positiveMilliseconds,
    retry: anObject,
  });
  const retry = checkOptions('createVero: delivery.retry', delivery.retry ?? {}, {
    baseMs: milliseconds,
    maxMs: milliseconds,
    maxAgeMs: countOrInfinity,
    maxAttempts: countOrInfinity,
  });
  const preset = DELIVERY_PRESETS[options.preset ?? 'server'];
  const enabled = options.enabled ?? booleanFrom(env, 'VERO_ENABLED') ?? true;
  return {
    events: options.events,
    identity: options.identity,
    onInvalid: options.onInvalid ?? 'refuse',
    authToken: options.authToken ?? tokenFrom(env, enabled),
    developmentMode: options.developmentMode ?? booleanFrom(env, 'VERO_DEVELOPMENT_MODE') ?? false,
    url: trackUrl(options, env),
    enabled,
    queue: options.queue ?? memoryQueue(),
    transport: options.transport ?? kyTransport(),
    delivery: {
      concurrency: delivery.concurrency ?? preset.concurrency,
      timeoutMs: delivery.timeoutMs ?? preset.timeoutMs,
      retry: { ...preset.retry, ...withoutUndefined(retry) },
    },
    project: options.project ?? 'default',
    source: options.source,
    unique: options.unique ?? false,
    maxPayloadBytes: options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES,
    logger: options.logger,
    waitUntil: options.waitUntil,
    waitUntilMs: preset.waitUntilMs,
    beforeAccept: options.beforeAccept,
    beforeSend: options.beforeSend,
    invalidEmail: options.invalidEmail,
    allowAttributes: options.allowAttributes,
  };
}

type Given<T> = { [Name in keyof T]?: NonNullable<T[Name]> };

function withoutUndefined<T extends object>(given: T): Given<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Given<T>;
}
