import { AsyncResource } from 'node:async_hooks';
import type { EventData, Identity, Outcome, SkipReason } from '../event.ts';
import type { CheckedIdentity } from '../identity.ts';
import { describe } from '../options.ts';
import type { Scope } from '../scope.ts';
import { detailOf } from '../scopes.ts';
import { isThenable, within } from '../within.ts';
import { afterThisTurn } from './after-turn.ts';
import type { Declaration } from './declaration.ts';
import type { Chosen, ChosenEvent, MaybePromise } from './declaration-types.ts';
import type { Tracking } from './tracking.ts';

/** How a piece of work ended. */
export interface WorkEnd {
  /** Whether the code ended with an error. */
  readonly failed: boolean;
  /** Whether its answer went out whole. */
  readonly sent: boolean;
  /** Whether its answer was written, even if nobody was there to take it. */
  readonly answered: boolean;
  /** The status of the answer, where there is such a thing. */
  readonly status?: number | undefined;
  /** Whether nothing more will be known. */
  readonly isFinal: boolean;
}

/** The end of a call, which has no response, whose code ended without an error. */
export const SUCCEEDED: WorkEnd = { failed: false, sent: true, answered: true, isFinal: true };
/** The end of a call whose code threw or rejected. */
export const FAILED: WorkEnd = { failed: true, sent: true, answered: true, isFinal: true };
/** The end of a call whose result nobody took to its end. */
export const ABORTED: WorkEnd = { failed: false, sent: false, answered: false, isFinal: true };

interface Declared<C> {
  readonly declaration: Declaration<C>;
  readonly context: () => C;
  readonly route: string;
  /** Where the declaration was met: the application's own async stores are there. */
  readonly met: AsyncResource;
  /** Whether that was inside the scope: to enter it again costs more than all else here. */
  readonly isInside: boolean;
  readonly release: () => void;
}

const CALLBACK_TIMEOUT_MS = 5_000;

/** A callback failed, and it has been told. One for all: `instanceof` asks what was thrown, which may be hostile. */
const callbackFailed = new Error('a callback failed');

/** One piece of work (a request, a call): its scope, and the events declared on it. */
export class Work<C> {
  /** The scope that the work runs in: who it is for, and how it ends. */
  readonly scope: Scope;
  readonly #tracking: Tracking<C>;
  readonly #context: () => C;
  /** Where the work began: at its end, another request's async context may be the current one. */
  readonly #began = asyncContext();
  #undecided: Declared<C>[] = [];
  #end: WorkEnd | undefined;

  constructor(tracking: Tracking<C>, context: () => C, route: string) {
    const { identify, client } = tracking;
    this.#tracking = tracking;
    this.#context = context;
    this.scope = client.scopes.begin({ identify: identify && (() => identify(context())), route });
    this.keepIdentity();
  }

  /** Asks who it is before the code runs: a handler may log the user out, or anonymise the account. */
  keepIdentity(): void {
    this.scope.keepIdentity();
  }

  /** Whether events are declared on it that are neither sent nor skipped yet. */
  get hasUndecided(): boolean {
    return this.#undecided.length > 0;
  }

  /** Runs `callback` inside the work's scope. */
  run<T>(callback: () => T): T {
    const { scopes } = this.#tracking.client;
    for (let scope = scopes.current; scope; scope = scope.parent) if (scope === this.scope) return callback();
    return scopes.storage.run(this.scope, callback);
  }

  /** Declares an event of this work; `key` is what makes one declaration count once. */
  declare(key: object, declaration: Declaration<C>, context: () => C, route: string): void {
    const { declared, scopes } = this.#tracking.client;
    const known = declared.get(key);
    if (known?.includes(declaration)) return;
    if (known) known.push(declaration);
    else declared.set(key, [declaration]);
    scopes.deferred++;
    const release = this.scope.completion.hold();
    const isInside = scopes.current === this.scope;
    this.#undecided.push({ declaration, context, route, met: asyncContext(), isInside, release });
    if (this.#end) this.settle(this.#end);
  }

  /** The work ended; called again when more is known of it. */
  settle(end: WorkEnd): void {
    const isFirst = this.#end === undefined;
    this.#end = end;
    this.decide(end, ({ on }) => on !== 'handled' || end.answered || end.isFinal);
    if (isFirst)
      this.#tracking.client.scopes.end(this.scope, outcomeOf(end), () =>
        this.#began.runInAsyncScope(() => this.#scopeIdentity()),
      );
  }

  /** Decides some of the declared events before the work has ended. */
  decide(end: WorkEnd, isReady: (declaration: Declaration<C>) => boolean): void {
    if (this.#undecided.length === 0) return;
    const at = Date.now();
    const declared = this.#undecided;
    this.#undecided = [];
    for (const each of declared) {
      if (!isReady(each.declaration)) {
        this.#undecided.push(each);
        continue;
      }
      const settled = this.#tracking.client.scopes.settle();
      afterThisTurn(() => void this.#decide(each, end, at, settled));
    }
  }

  async #decide(declared: Declared<C>, end: WorkEnd, at: number, settled: () => void): Promise<void> {
    const { scopes, intake } = this.#tracking.client;
    const judge = (): Promise<void> => this.#judge(declared, end, at);
    const { met, isInside } = declared;
    try {
      await met.runInAsyncScope(() => (isInside ? judge() : scopes.storage.run(this.scope, judge)));
    } catch (thrown) {
      if (thrown === callbackFailed) this.#skip(declared, 'callback-failed');
      else intake.contained(thrown);
    } finally {
      scopes.deferred--;
      declared.release();
      settled();
    }
  }

  async #judge(declared: Declared<C>, end: WorkEnd, at: number): Promise<void> {
    const { declaration, context } = declared;
    const reason = this.#reasonAgainst(declaration, end);
    if (reason) return this.#skip(declared, reason);
    const c = context();
    const { success, when } = declaration;
    if (success && !(await this.#ask('success', declared, () => success(c))))
      return this.#skip(declared, 'failure');
    if (when && !(await this.#ask('when', declared, () => when(c)))) return this.#skip(declared, 'when');
    // Callbacks nearly always answer at once, and a promise for each of them would be the larger part of the work.
    const chosen = this.#events(declared, c);
    const events = isThenable(chosen) ? await chosen : chosen;
    if (events.length === 0) return this.#skip(declared, 'when');
    const known = this.#identity(declared, c);
    const identity = isThenable(known) ? await known : known;
    for (const event of events) this.#accept(declared, event, identity, at);
  }

  #reasonAgainst({ on, success }: Declaration<C>, end: WorkEnd): SkipReason | undefined {
    if (this.scope.isCancelled) return 'cancelled';
    if (end.failed) return 'failure';
    if (on === 'handled' ? !end.answered : !end.sent) return 'aborted';
    return success || isSuccessStatus(end.status) ? undefined : 'failure';
  }

  #events(declared: Declared<C>, c: C): MaybePromise<readonly ChosenEvent[]> {
    const { choose, data, names } = declared.declaration;
    if (choose) return this.#call('choose', declared, async () => chosenOf(names, await choose(c)));
    const [name = ''] = names;
    const withData = (given: unknown): ChosenEvent[] => [
      { name, data: given as EventData | null | undefined },
    ];
    if (typeof data !== 'function') return withData(data);
    const given = this.#call('data', declared, () => data(c));
    return isThenable(given) ? given.then(withData) : withData(given);
  }

  #identity(declared: Declared<C>, c: C): MaybePromise<CheckedIdentity | undefined> {
    const { identify } = declared.declaration;
    if (!identify)
      return this.#withAttributes(
        this.#call('identify', declared, () => this.scope.identity()),
        c,
      );
    const given = this.#call('identify', declared, () => identify(c));
    const check = (who: Identity | null | undefined): CheckedIdentity | undefined =>
      who === undefined || who === null ? undefined : this.#tracking.client.events.check(who);
    return this.#withAttributes(isThenable(given) ? given.then(check) : check(given), c);
  }

  #scopeIdentity(): MaybePromise<CheckedIdentity | undefined> {
    return this.#withAttributes(this.scope.identity(), this.#context());
  }

  #withAttributes(
    identity: MaybePromise<CheckedIdentity | undefined>,
    c: C,
  ): MaybePromise<CheckedIdentity | undefined> {
    return this.#tracking.attributes ? this.#addAttributes(identity, c) : identity;
  }

  async #addAttributes(
    given: MaybePromise<CheckedIdentity | undefined>,
    c: C,
  ): Promise<CheckedIdentity | undefined> {
    const { attributes, client } = this.#tracking;
    const identity = await given;
    if (!attributes || !identity || identity.issues.length > 0) return identity;
    try {
      return await attributes.addTo(identity, c);
    } catch (thrown) {
      client.intake.callbackFailed({ callback: 'attributes.load', thrown, route: this.scope.route });
      return identity;
    }
  }

  #accept(
    { declaration, route }: Declared<C>,
    event: ChosenEvent,
    identity: CheckedIdentity | undefined,
    at: number,
  ): void {
    const { intake, scopes } = this.#tracking.client;
    const draft = intake.draft(event.name, { data: event.data, unique: declaration.unique }, at, route);
    if (draft) scopes.accept(draft, identity, this.scope, route);
  }

  /** An answer that is neither is a mistake, and no yes. */
  async #ask(
    callback: string,
    declared: Declared<C>,
    ask: () => boolean | Promise<boolean>,
  ): Promise<boolean> {
    return await this.#call(callback, declared, async () => {
      const answer: unknown = await ask();
      if (typeof answer === 'boolean') return answer;
      throw new TypeError(`it must answer true or false, not ${describe(answer)}`);
    });
  }

  /** @throws `callbackFailed` when it fails, or rejects with it */
  #call<T>(callback: string, declared: Declared<C>, ask: () => MaybePromise<T>): MaybePromise<T> {
    const failed = (thrown: unknown): never => {
      const event = declared.declaration.names.join(' or ');
      this.#tracking.client.intake.callbackFailed({ callback, thrown, event, route: declared.route });
      throw callbackFailed;
    };
    let answer: MaybePromise<T>;
    try {
      answer = ask();
    } catch (thrown) {
      return failed(thrown);
    }
    return isThenable(answer) ? within(CALLBACK_TIMEOUT_MS, () => answer).catch(failed) : answer;
  }

  #skip({ declaration, route }: Declared<C>, reason: SkipReason): void {
    const name = declaration.names.join(' or ');
    this.#tracking.client.intake.skip(name, reason, route, detailOf(reason, this.scope));
  }
}

/** Read once: a getter may answer otherwise the next time. @throws {TypeError} for what is none of the names */
function chosenOf(names: readonly string[], chosen: Chosen<string>): readonly ChosenEvent[] {
  return [chosen].flat().flatMap((event: unknown) => {
    if (!event) return [];
    if (typeof event !== 'object')
      throw new TypeError(`it must choose objects like { name: '${names[0]}' }, not ${describe(event)}`);
    const { name, data } = event as ChosenEvent;
    if (!names.includes(name))
      throw new TypeError(`it chose "${name}", which is none of ${names.join(', ')}`);
    return [{ name, data }];
  });
}

/** The async context of now. `AsyncLocalStorage.snapshot` gives it, too, and costs a request fifty times as much. */
function asyncContext(): AsyncResource {
  return new AsyncResource('VerotrackWork', { requireManualDestroy: true });
}

function isSuccessStatus(status: number | undefined): boolean {
  return status === undefined || (status >= 200 && status < 400);
}

function outcomeOf(end: WorkEnd): Outcome {
  if (end.failed) return 'failure';
  if (!end.sent) return 'aborted';
  return isSuccessStatus(end.status) ? 'success' : 'failure';
}
