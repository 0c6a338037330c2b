import { AsyncLocalStorage } from 'node:async_hooks';
import type { EventData, Identity, Outcome, SkipReason } from '../event.ts';
import type { CheckedIdentity } from '../identity.ts';
import { type ClientInternals, internalsOf } from '../internals.ts';
import { aFunction, anObject, checkOptions, describe } from '../options.ts';
import type { Scope } from '../scope.ts';
import { detailOf } from '../scopes.ts';
import { within } from '../within.ts';
import { AttributeLoader, type AttributesOptions } from './attributes.ts';
import type { Declaration } from './declaration.ts';
import type { ChosenEvent } from './declaration-types.ts';
import {
  type DeclaredEvent,
  type DeclaredWhere,
  describeDeclaration,
  rememberDeclared,
} from './declared-events.ts';

/** What every adapter's factory takes. `C` is what callbacks get. */
export interface TrackingOptions<C, User = Identity> {
  /**
   * Who does the work: synchronous and cheap, asked when it begins and, while it gives nothing, again at its end.
   * Take it from what the server knows (a session, a verified token), never from what a client may write.
   * @default nobody, or who the scope around says
   */
  readonly identify?: (context: C) => User | null | undefined;
  readonly attributes?: AttributesOptions<C> | undefined;
}

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

/** The ends of work that has no response. */
export const SUCCEEDED: WorkEnd = { failed: false, sent: true, answered: true, isFinal: true };
export const FAILED: WorkEnd = { failed: true, sent: true, answered: true, isFinal: true };
export const ABORTED: WorkEnd = { failed: false, sent: false, answered: false, isFinal: true };

interface Declared<C> {
  readonly declaration: Declaration<C>;
  readonly context: () => C;
  readonly route: string;
  /** Enters the async context in which the declaration was met: the application's own stores are there. */
  readonly inContext: <T>(callback: () => T) => T;
  readonly release: () => void;
}

const CALLBACK_TIMEOUT_MS = 5_000;

/** What an adapter made for one client shares between requests. */
export class Tracking<C> {
  readonly client: ClientInternals;
  readonly identify: TrackingOptions<C>['identify'];
  readonly attributes: AttributeLoader<C> | undefined;

  /** @throws {VeroError} `VERO_CONFIG` for a bad client or option */
  constructor(where: string, vero: unknown, options: TrackingOptions<C>) {
    this.client = internalsOf(vero, where);
    checkOptions(where, options, { identify: aFunction, attributes: anObject });
    this.identify = options.identify;
    this.attributes =
      options.attributes && new AttributeLoader(where, options.attributes, this.client.events);
  }

  /** @throws {VeroError} `VERO_CONFIG` for a declaration of an event that is not in the client's catalogue */
  assertInCatalogue(where: string, { names }: { readonly names: readonly string[] }): void {
    this.client.events.catalogue.assertKnown(where, names);
  }

  /**
   * Keeps with the client what a declaration says, for the tracking plan.
   *
   * @param declaring - the public function that was called
   */
  remember(
    declaration: Declaration<C>,
    where: DeclaredWhere,
    declaring: (...args: never[]) => unknown,
  ): DeclaredEvent {
    const described = describeDeclaration(declaration, where, this.identify !== undefined);
    return rememberDeclared(this.client, described, declaring);
  }
}

/** A callback failed, and it has been told. */
class CallbackFailed extends Error {}

/** One piece of work (a request, a call): its scope, and the events declared on it. */
export class Work<C> {
  readonly scope: Scope;
  readonly #tracking: Tracking<C>;
  readonly #context: () => C;
  /** Enters the async context in which the work began: at its end, another request's may be the current one. */
  readonly #inContext = AsyncLocalStorage.snapshot();
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
    const known = declared.get(key) ?? new Set();
    declared.set(key, known);
    if (known.has(declaration)) return;
    known.add(declaration);
    scopes.deferred++;
    const release = this.scope.completion.hold();
    this.#undecided.push({ declaration, context, route, inContext: AsyncLocalStorage.snapshot(), release });
    if (this.#end) this.settle(this.#end);
  }

  /** The work ended; called again when more is known of it. */
  settle(end: WorkEnd): void {
    const isFirst = this.#end === undefined;
    this.#end = end;
    this.decide(end, ({ on }) => on !== 'handled' || end.answered || end.isFinal);
    if (isFirst)
      void this.#tracking.client.scopes.end(this.scope, outcomeOf(end), () =>
        this.#inContext(() => this.#scopeIdentity()),
      );
  }

  /** Decides some of the declared events before the work has ended. */
  decide(end: WorkEnd, isReady: (declaration: Declaration<C>) => boolean): void {
    const at = Date.now();
    const ready = this.#undecided.filter(({ declaration }) => isReady(declaration));
    this.#undecided = this.#undecided.filter((declared) => !ready.includes(declared));
    for (const declared of ready) void this.#decide(declared, end, at);
  }

  async #decide(declared: Declared<C>, end: WorkEnd, at: number): Promise<void> {
    const { scopes, intake } = this.#tracking.client;
    const settled = scopes.settle();
    try {
      await declared.inContext(() => scopes.storage.run(this.scope, () => this.#judge(declared, end, at)));
    } catch (thrown) {
      if (thrown instanceof CallbackFailed) this.#skip(declared, 'callback-failed');
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
    const events = await this.#events(declared, c);
    if (events.length === 0) return this.#skip(declared, 'when');
    const identity = await this.#identity(declared, c);
    for (const event of events) this.#accept(declared, event, identity, at);
  }

  #reasonAgainst({ on, success }: Declaration<C>, end: WorkEnd): SkipReason | undefined {
    if (this.scope.isCancelled) return 'cancelled';
    if (end.failed) return 'failure';
    if (on === 'handled' ? !end.answered : !end.sent) return 'aborted';
    return success || isSuccessStatus(end.status) ? undefined : 'failure';
  }

  async #events(declared: Declared<C>, c: C): Promise<readonly ChosenEvent[]> {
    const { choose, data, names } = declared.declaration;
    if (!choose) {
      const [name = ''] = names;
      const given = typeof data === 'function' ? await this.#call('data', declared, () => data(c)) : data;
      return [{ name, data: given as EventData | null | undefined }];
    }
    return await this.#call('choose', declared, async () => {
      const chosen = await choose(c);
      const events = [chosen].flat().filter((event) => !!event) as readonly ChosenEvent[];
      const stranger = events.find((event) => !names.includes(event?.name));
      if (stranger && typeof stranger !== 'object') {
        throw new TypeError(`it must choose objects like { name: '${names[0]}' }, not ${describe(stranger)}`);
      }
      if (stranger) throw new TypeError(`it chose "${stranger?.name}", which is none of ${names.join(', ')}`);
      return events;
    });
  }

  async #identity(declared: Declared<C>, c: C): Promise<CheckedIdentity | undefined> {
    const { identify } = declared.declaration;
    if (!identify)
      return await this.#call('identify', declared, () => this.scope.identity()).then((own) =>
        this.#withAttributes(own, c),
      );
    const given: Identity | null | undefined = await this.#call('identify', declared, () => identify(c));
    if (given === undefined || given === null) return undefined;
    return await this.#withAttributes(this.#tracking.client.events.check(given), c);
  }

  async #scopeIdentity(): Promise<CheckedIdentity | undefined> {
    return await this.#withAttributes(this.scope.identity(), this.#context());
  }

  async #withAttributes(identity: CheckedIdentity | undefined, c: C): Promise<CheckedIdentity | undefined> {
    const { attributes, client } = this.#tracking;
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

  async #call<T>(callback: string, declared: Declared<C>, ask: () => T | Promise<T>): Promise<T> {
    try {
      return await within(CALLBACK_TIMEOUT_MS, ask);
    } catch (thrown) {
      const event = declared.declaration.names.join(' or ');
      this.#tracking.client.intake.callbackFailed({ callback, thrown, event, route: declared.route });
      throw new CallbackFailed();
    }
  }

  #skip({ declaration, route }: Declared<C>, reason: SkipReason): void {
    const name = declaration.names.join(' or ');
    this.#tracking.client.intake.skip(name, reason, route, detailOf(reason, this.scope));
  }
}

function isSuccessStatus(status: number | undefined): boolean {
  return status === undefined || (status >= 200 && status < 400);
}

function outcomeOf(end: WorkEnd): Outcome {
  if (end.failed) return 'failure';
  if (!end.sent) return 'aborted';
  return isSuccessStatus(end.status) ? 'success' : 'failure';
}
