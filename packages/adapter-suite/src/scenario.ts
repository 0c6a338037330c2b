import type { EventData, Identity, Vero, VeroOptions } from '@verotrack/core';
import type { ReceivedEvent } from '@verotrack/inspector';
import type { Bench } from './bench.ts';

/** Who a request comes from. A test's stand-in for a session: the header `x-user` names it. */
export interface User {
  id: string;
  email: string;
  readonly passwordHash: string;
}

export const userOf = (id: string): User => ({
  id,
  email: `${id}@example.com`,
  passwordHash: `hash of ${id}`,
});

/** What the tests send: whatever a row of the table reads from it. */
export type Input = Readonly<Record<string, unknown>>;

/** What a handler can do, whatever the framework. */
export interface Work {
  readonly vero: Vero;
  readonly input: Input;
  /** Answers with this status instead of 200. */
  status(code: number): void;
  /** Resolves when the client has left. */
  readonly left: Promise<unknown>;
  /** Changes who is logged in: nobody for `undefined`. */
  logIn(user: User | undefined): void;
  readonly user: User | undefined;
}

/** What a declaration's callbacks know, whatever the framework. */
export interface Facts {
  readonly user: User | undefined;
  readonly input: Input;
  readonly result: unknown;
}

type MaybePromise<T> = T | Promise<T>;

/** One declared event. */
export interface Declared {
  readonly name: string;
  readonly identify?: (facts: Facts) => MaybePromise<Identity | null | undefined>;
  readonly data?: EventData | ((facts: Facts) => MaybePromise<EventData | null | undefined>);
  readonly when?: (facts: Facts) => MaybePromise<boolean>;
  readonly unique?: boolean;
  readonly on?: 'response' | 'handled';
  readonly success?: (facts: Facts) => MaybePromise<boolean>;
  /** For HTTP frameworks only. */
  readonly methods?: readonly string[];
}

/** Options of the adapter itself. */
export interface AdapterOptions {
  readonly identify?: (user: User | undefined) => Identity | null | undefined;
  readonly attributes?: { readonly load: () => MaybePromise<object> };
}

/** An answer in pieces. */
export class Streamed {
  readonly chunks: AsyncIterable<string>;

  constructor(chunks: AsyncIterable<string>) {
    this.chunks = chunks;
  }
}

/** A failure that its framework answers with this status. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`refused with ${status}`);
    this.status = status;
  }
}

/** Whether a route has a method and a status of its own, or a call has a result. */
export type Kind = 'http' | 'rpc';

/** What is expected of an event that the local Vero received. */
export interface ExpectedEvent {
  readonly name: string;
  /** The user's id; the e-mail address is expected to be theirs. */
  readonly by: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface Expected {
  /** Everything that the local Vero received, in any order. */
  readonly events: readonly ExpectedEvent[];
  /** Everything that was skipped, as `name: reason`, in any order. Not looked at when it is left out. */
  readonly skipped?: readonly string[];
  /** What is told as an error: the name of the callback that failed, or else the error's code. @default none */
  readonly failed?: readonly string[];
  /** Names of events that are told to be invalid. @default none */
  readonly invalid?: readonly string[];
}

/** One row of the table: an application with one route, what is done to it, and what comes of it. */
export interface Scenario {
  /** Completes "a request …". */
  readonly name: string;
  /** Where it makes sense. @default everywhere */
  readonly kind?: Kind;
  /** It is only for hosts that see errors. */
  readonly needsErrors?: boolean;
  readonly options?: AdapterOptions;
  /** What its clients know of events and users. @default nothing */
  readonly catalogue?: Pick<VeroOptions, 'events' | 'identity' | 'onInvalid'>;
  readonly declared?: readonly Declared[];
  /** Whether every declaration is applied a second time, the very same object. */
  readonly appliedTwice?: boolean;
  /** How many clients track the route. @default 1 */
  readonly clients?: number;
  /** Whether the route is only for users who are logged in. */
  readonly guarded?: boolean;
  /** Whether the framework checks that the input has a `note` that is a string. */
  readonly validated?: boolean;
  /** The method that the route is asked with, for HTTP frameworks. @default 'POST' */
  readonly method?: string;
  /** Whether the handler gives a {@link Streamed}. */
  readonly streams?: boolean;
  /** What the handler gives is the answer; what it throws, or rejects with, a failure. */
  readonly handle: (work: Work) => unknown;
  /** What is done to the application. @default one request of user 42, which must be answered with `status` */
  readonly exercise?: (bench: Bench) => Promise<void>;
  /** The expected status of the default exercise. @default 200 */
  readonly status?: number;
  readonly expected: Expected;
  /** What is expected where the adapter doesn't see the response, if it differs. */
  readonly expectedBlind?: Expected;
  /** Looks closer at what was received. */
  readonly check?: (events: readonly ReceivedEvent[]) => void;
}

/** A framework's server with a scenario's one route. */
export interface RunningHost {
  readonly url: string;
  close(): Promise<void>;
}

export interface HttpMessage {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** One framework, on one platform, in one version. */
export interface Host {
  readonly name: string;
  readonly kind: Kind;
  /** Whether its adapter sees the response. */
  readonly seesResponse: boolean;
  /** Whether its adapter is told that the handler failed, whatever was answered. */
  readonly seesErrors: boolean;
  start(scenario: Scenario, clients: readonly Vero[]): Promise<RunningHost>;
  /** How a client calls a scenario's route. */
  request(scenario: Scenario, input: Input): HttpMessage;
  /** What the handler gave, read from the answer. */
  resultOf(body: string): unknown;
}
