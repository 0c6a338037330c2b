import type { VeroOptions } from '../../src/index.ts';
import type { TransportRequest } from '../../src/queue.ts';
import type { PauseReason } from '../../src/reporter.ts';
import type { TestClient } from '../clients.ts';
import { answer, type MisbehavingServer, type Misbehaviour } from './misbehaving-server.ts';

/** Exactly so many, or a range where time or chance decides. */
export type Count = number | { readonly atLeast: number; readonly atMost?: number };

/** What must be true when a fault is over. */
export interface Expected {
  readonly accepted: number;
  readonly delivered: number;
  readonly rejected?: number;
  readonly dropped?: number;
  readonly retries: Count;
  /** Requests whose bodies came whole, the good ones included. */
  readonly requests: Count;
  /** @default any number */
  readonly connections?: Count;
  /** The pauses that were told, in order. `undefined`: chance decides. */
  readonly paused: readonly PauseReason[] | undefined;
  /** How long the first pause is, as it was told. */
  readonly pauseMs?: { readonly atLeast: number; readonly atMost: number };
  /** What the first failure said. `undefined`: there was none. */
  readonly says: RegExp | undefined;
  /** What that failure says of `Retry-After`. */
  readonly retryAfterMs?: number;
  /** Whether Vero may have had an event whose attempt failed. `undefined`: some, and some not. */
  readonly maybeTwice: boolean | undefined;
}

/** Where a fault is played. */
export interface Stage {
  /** Counts what it receives, and is stopped in the end. */
  server(misbehaviour?: Misbehaviour, options?: { readonly tls?: boolean }): Promise<MisbehavingServer>;
  /** Where nothing may ever come. */
  elsewhere(): Promise<MisbehavingServer>;
  /** The client, whose events have their ids in their data. */
  client(options: VeroOptions): TestClient;
  /** Tracks events with different names. */
  track(count: number, data?: Readonly<Record<string, unknown>>): void;
  /** Before the first good answer of this server Vero's deduplication window passes. */
  late(server: MisbehavingServer): void;
  /** Notes a request that no server saw. */
  received(request: TransportRequest, isTaken: boolean): void;
  /** From now on time passes only as it is told to. */
  fakeTime(): (ms: number) => Promise<void>;
  /** Does this in the end. */
  defer(work: () => unknown): void;
}

export interface Fault {
  /** What goes wrong. */
  readonly fault: string;
  /** What Verotrack does. */
  readonly does: string;
  /** What becomes of the event. */
  readonly event: string;
  readonly expected: Expected;
  /** The ways to cause it. Each ends when the fault is over, and every event has ended. */
  readonly cases: Readonly<Record<string, (stage: Stage) => Promise<void>>>;
}

export const TIMES = 2;
export const SHORT_MS = 300;
export const EVENTS = 3;
export const ONCE = 'delivered once';
export const AT_WORST_TWICE = 'delivered, at worst twice as the same bytes';

type Reaction = 'delivers' | 'retries' | 'rejects' | { readonly pauses: PauseReason };

export function describeReaction(reaction: Reaction): string {
  if (reaction === 'delivers') return 'Trusts the status.';
  if (reaction === 'retries') return 'Tries again with backoff.';
  if (reaction === 'rejects') return 'Gives it up at once: `rejected`, a dead letter. The others go on.';
  return `Pauses delivery (\`${reaction.pauses}\`), which costs no attempts, and probes until it is over.`;
}

interface Scripted {
  readonly fault: string;
  readonly reaction: Reaction;
  readonly says?: RegExp;
  readonly maybeTwice?: boolean;
  /** What Verotrack does, before and after its reaction. */
  readonly first?: string;
  readonly note?: string;
  /** Instead of what follows from the reaction. */
  readonly event?: string;
  /** Attempts that fail only because time is up: on a slow machine a good one may, too. */
  readonly byTimeout?: boolean;
  /** Each costs a connection. Otherwise all is sent over one. */
  readonly closes?: boolean;
  readonly retries?: Count;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly client?: VeroOptions;
  readonly pauseMs?: Expected['pauseMs'];
  readonly retryAfterMs?: number;
  readonly cases: Readonly<Record<string, Script>>;
}

type Script = Misbehaviour | ((stage: Stage) => Promise<Misbehaviour>);

/** A fault of a server that goes wrong for the first requests of three events, one at a time, and then no more. */
export function scripted(script: Scripted): Fault {
  const { fault, reaction, first, note, maybeTwice = false, byTimeout, pauseMs, retryAfterMs, says } = script;
  const misbehaviours = Object.values(script.cases).filter((each) => typeof each !== 'function');
  const times = misbehaviours[0]?.times ?? TIMES;
  const isAgain = reaction === 'retries' || typeof reaction === 'object';
  const isWhole = misbehaviours.every(({ onRequest }) => onRequest !== undefined);
  const rejected = reaction === 'rejects' ? times : 0;
  const again = isAgain ? times : 0;
  const count = (exactly: number): Count => (byTimeout ? { atLeast: exactly } : exactly);
  const inTheEnd = maybeTwice ? AT_WORST_TWICE : ONCE;
  return {
    fault,
    does: [first, describeReaction(reaction), note].filter(Boolean).join(' '),
    event: script.event ?? (reaction === 'rejects' ? 'a dead letter' : inTheEnd),
    expected: {
      accepted: EVENTS,
      delivered: EVENTS - rejected,
      rejected,
      retries: script.retries ?? count(again),
      requests: count(EVENTS + (isWhole ? again : 0)),
      connections: script.closes ? { atLeast: times + 1 } : 1,
      paused: typeof reaction === 'object' ? [reaction.pauses] : [],
      ...(pauseMs ? { pauseMs } : {}),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      says: reaction === 'delivers' ? undefined : says,
      maybeTwice,
    },
    cases: Object.fromEntries(
      Object.entries(script.cases).map(([label, misbehaviour]) => [
        label,
        async (stage: Stage) => {
          const server = await stage.server(
            typeof misbehaviour === 'function' ? await misbehaviour(stage) : misbehaviour,
          );
          stage.late(server);
          const short = byTimeout ? { delivery: { timeoutMs: SHORT_MS } } : {};
          const { vero } = stage.client({ baseUrl: server.url, ...short, ...script.client });
          stage.track(EVENTS, script.data);
          await vero.flush();
        },
      ]),
    ),
  };
}

export const always = (action: ReturnType<typeof answer>, times?: number): Misbehaviour => ({
  onRequest: () => action,
  ...(times === undefined ? {} : { times }),
});

export const statuses = (...all: readonly number[]): Record<string, Misbehaviour> =>
  Object.fromEntries(all.map((status) => [String(status), always(answer(status))]));

/** What ends before it has reached Vero, again and again. */
export const NEVER_ARRIVED = {
  accepted: EVENTS,
  delivered: EVENTS,
  retries: { atLeast: TIMES },
  requests: EVENTS,
  maybeTwice: false,
} as const;
