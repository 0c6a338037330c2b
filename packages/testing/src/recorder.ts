import { AssertionError } from 'node:assert';
import {
  type AnyVero,
  createVero,
  type EventCatalogue,
  type FlushLimits,
  type FlushResult,
  type IdentityDefinition,
  type OpenCatalogue,
  type OpenIdentity,
  type Vero,
  type VeroOptions,
} from '@verotrack/core';
import {
  anything,
  catalogueOf,
  checkOptions,
  type OptionRule,
  onAccepted,
  Waiting,
  whenWorkIsOver,
} from '@verotrack/core/adapter';
import { type Expectation, findEvents, judge, type Recording } from './judge.ts';
import { type EventOf, type ExpectedEvent, type RecordedEvent, recordedEvent } from './recorded-event.ts';
import { count } from './report.ts';
import { type Untracked, watchUntracked } from './untracked.ts';

/** What of a client's options means something without Vero. */
export type RecorderOptions<
  Events extends EventCatalogue = OpenCatalogue,
  User extends IdentityDefinition = OpenIdentity,
> = Pick<
  VeroOptions<Events, User>,
  | 'events'
  | 'identity'
  | 'onInvalid'
  | 'developmentMode'
  | 'source'
  | 'unique'
  | 'maxPayloadBytes'
  | 'invalidEmail'
  | 'allowAttributes'
  | 'beforeAccept'
  | 'beforeSend'
  | 'waitUntil'
>;

/** How long something may take. */
export interface Limits {
  /** In milliseconds. @default 5_000 */
  readonly timeoutMs?: number | undefined;
}

/** A client that sends nothing, and remembers what was tracked. Made by {@link recordVero}. */
export interface Recorder<
  in out Events extends EventCatalogue = OpenCatalogue,
  in out User extends IdentityDefinition = OpenIdentity,
> extends Vero<Events, User> {
  /** What was tracked, oldest first: there as soon as `track` returned, or the request's outcome was known. */
  events(): readonly EventOf<Events>[];
  /** Those with this name that are as expected. */
  tracked<Name extends keyof Events['definitions'] & string>(
    name: Name,
    expected?: ExpectedEvent<Events, Name>,
  ): readonly EventOf<Events, Name>[];
  /** Why events were not tracked: invalid, skipped, dropped, and callbacks that failed. Oldest first. */
  untracked(): readonly Untracked[];
  /**
   * Waits for such an event, which may be there already.
   *
   * @throws {AssertionError} when it does not come in time, which says what was tracked instead
   */
  waitForEvent<Name extends keyof Events['definitions'] & string>(
    name: Name,
    expected?: ExpectedEvent<Events, Name>,
    limits?: Limits,
  ): Promise<EventOf<Events, Name>>;
  /**
   * Waits until every request, call and `run` has ended and its events are decided: a client may have its answer before the
   * server knows that.
   *
   * @throws {AssertionError} when something is still open at the timeout
   */
  flushRequests(limits?: Limits): Promise<void>;
  /**
   * For test runners without matchers.
   *
   * @returns the first such event
   * @throws {AssertionError} when there is none, which says what was tracked instead
   */
  assertTracked<Name extends keyof Events['definitions'] & string>(
    name: Name,
    expected?: ExpectedEvent<Events, Name>,
  ): EventOf<Events, Name>;
  /**
   * For test runners without matchers: so many of such events were tracked.
   *
   * @throws {AssertionError} when there are more or less of such events
   */
  assertTrackedTimes<Name extends keyof Events['definitions'] & string>(
    name: Name,
    times: number,
    expected?: ExpectedEvent<Events, Name>,
  ): void;
  /**
   * For test runners without matchers: no event at all was tracked.
   *
   * @throws {AssertionError} when anything was tracked
   */
  assertTrackedNothing(): void;
  /** Forgets what was tracked, and what was not. */
  clear(): void;
  /** Waits for open work, and stays open: one recorder may serve several applications, each of which closes its client. */
  close(limits?: FlushLimits): Promise<FlushResult>;
}

const OPTION_RULES: Readonly<Record<keyof RecorderOptions, OptionRule>> = {
  events: anything,
  identity: anything,
  onInvalid: anything,
  developmentMode: anything,
  source: anything,
  unique: anything,
  maxPayloadBytes: anything,
  invalidEmail: anything,
  allowAttributes: anything,
  beforeAccept: anything,
  beforeSend: anything,
  waitUntil: anything,
};

const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * A client for tests: no network, no token, no environment, and the rest as in production: schemas, scopes, declarations.
 *
 * @example
 * const recorder = recordVero({ events });
 * const app = createApp(recorder);
 * @throws {VeroError} `VERO_CONFIG` for a bad option
 */
export function recordVero<
  Events extends EventCatalogue = OpenCatalogue,
  User extends IdentityDefinition = OpenIdentity,
>(options: RecorderOptions<Events, User> = {}): Recorder<Events, User> {
  checkOptions('recordVero', options, OPTION_RULES);
  const vero = createVero<Events, User>({
    developmentMode: false,
    ...options,
    authToken: 'nobody is asked',
    baseUrl: 'http://localhost',
    enabled: true,
    transport: { send: async () => ({ status: 200 }) },
  });
  const log = new Log();
  onAccepted(vero, 'recordVero', (record) => log.add(recordedEvent(record)));
  watchUntracked(vero, (untracked, eventId) => log.addUntracked(untracked, eventId));
  return Object.assign(vero, recorderMethods(vero, log)) as unknown as Recorder<Events, User>;
}

/** What a recorder remembers. */
class Log {
  events: RecordedEvent[] = [];
  untracked: Untracked[] = [];
  readonly #waiting = new Waiting();

  add(event: RecordedEvent): void {
    this.events.push(event);
    this.#waiting.changed();
  }

  /** An event that was accepted, and then given up, was not tracked after all. */
  addUntracked(untracked: Untracked, eventId: string | undefined): void {
    this.events = this.events.filter((event) => event.eventId !== eventId);
    this.untracked.push(untracked);
  }

  /** Whether it came in time. */
  until(isThere: () => boolean, timeoutMs: number): Promise<boolean> {
    return this.#waiting.until(isThere, timeoutMs);
  }
}

function recorderMethods(vero: AnyVero, log: Log) {
  const lists = { events: () => [...log.events], untracked: () => [...log.untracked] };
  const recording: Recording = { ...lists, stats: () => vero.stats() };
  const flush = vero.flush.bind(vero);
  const tracked = (name: string, expected?: object): readonly RecordedEvent[] =>
    findEvents(log.events, name, expected);
  const assert = (expectation: Expectation): void => {
    const message = judge(recording, catalogueOf(vero, expectation.where), expectation);
    if (message !== undefined) throw new AssertionError({ message, stackStartFn: assert });
  };
  const assertTracked = (name: string, expected?: object): RecordedEvent | undefined => {
    assert({ where: 'assertTracked', name, expected });
    return tracked(name, expected)[0];
  };
  const flushRequests = async ({ timeoutMs = DEFAULT_TIMEOUT_MS }: Limits = {}): Promise<void> => {
    const { open, undecided } = await whenWorkIsOver(vero, 'flushRequests', timeoutMs);
    // Until `beforeSend` has said yes or no.
    if (open === 0 && undecided === 0) return void (await flush({ timeout: timeoutMs }));
    const work = count(open, 'request or scope was', 'requests or scopes were');
    const message = `flushRequests: after ${timeoutMs} ms, ${work} still open, and ${count(undecided, 'event')} undecided`;
    throw new AssertionError({ message });
  };
  return {
    ...lists,
    tracked,
    flushRequests,
    assertTracked,
    waitForEvent: async (
      name: string,
      expected?: object,
      { timeoutMs = DEFAULT_TIMEOUT_MS }: Limits = {},
    ): Promise<RecordedEvent | undefined> => {
      await log.until(() => tracked(name, expected).length > 0, timeoutMs);
      assert({ where: 'waitForEvent', name, expected });
      return tracked(name, expected)[0];
    },
    assertTrackedTimes: (name: string, times: number, expected?: object): void =>
      assert({ where: 'assertTrackedTimes', name, times, expected }),
    assertTrackedNothing: (): void => assert({ where: 'assertTrackedNothing' }),
    clear: (): void => {
      log.events = [];
      log.untracked = [];
    },
    close: async (limits: FlushLimits = {}): Promise<FlushResult> => {
      await whenWorkIsOver(vero, 'close', limits.timeout ?? DEFAULT_TIMEOUT_MS);
      return await flush(limits);
    },
  };
}
