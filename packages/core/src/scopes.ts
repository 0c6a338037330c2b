import { AsyncLocalStorage } from 'node:async_hooks';
import { messageOf, VeroError } from './errors.ts';
import type { EventOptions, Outcome, SkipReason } from './event.ts';
import type { EventDraft } from './event-factory.ts';
import type { CheckedIdentity } from './identity.ts';
import type { Intake } from './intake.ts';
import { Completion, Scope } from './scope.ts';
import type { Waiting } from './waiting.ts';
import { containRejection, isThenable } from './within.ts';

export interface ScopesOptions {
  readonly check: (identity: unknown) => CheckedIdentity;
  readonly waitUntil: ((promise: Promise<void>) => void) | undefined;
  readonly waitUntilMs: number;
}

/** Who the events of a scope belong to, asked when its outcome is known. */
export type IdentityAtEnd = () => CheckedIdentity | undefined | Promise<CheckedIdentity | undefined>;

const MAX_WAITING_EVENTS = 100;

/** Opens scopes, and decides what waits for their outcome. Nothing here throws, but what `identify` throws. */
export class Scopes {
  readonly storage: AsyncLocalStorage<Scope> = new AsyncLocalStorage();
  /** Scopes whose outcome is not known. */
  open = 0;
  /** Work that has ended, and whose events are being decided. */
  settling = 0;
  /** Events that wait for an outcome, or for their callbacks. */
  deferred = 0;
  readonly #options: ScopesOptions;
  readonly #intake: Intake;
  readonly #waiting: Waiting;

  constructor(options: ScopesOptions, intake: Intake, waiting: Waiting) {
    this.#options = options;
    this.#intake = intake;
    this.#waiting = waiting;
  }

  /** Whether no work is open, and nothing of what has ended is undecided. */
  get isQuiet(): boolean {
    return this.open === 0 && this.settling === 0 && this.deferred === 0;
  }

  /** Whether that came in time. */
  whenQuiet(timeoutMs: number): Promise<boolean> {
    return this.#waiting.until(() => this.isQuiet, timeoutMs);
  }

  get current(): Scope | undefined {
    return this.storage.getStore();
  }

  /** Without `identify`, the scope's user is the user of the scope around it. */
  begin({ identify, route }: { identify?: (() => unknown) | undefined; route?: string | undefined }): Scope {
    const parent = this.current;
    const scope = new Scope({ parent, route, identify: identify && (() => this.#ask(identify)) });
    if (scope.completion !== parent?.completion) this.#keepAwake(scope.completion);
    this.open++;
    return scope;
  }

  /** The work of a scope ended. */
  end(scope: Scope, outcome: Outcome, identityAtEnd: IdentityAtEnd = () => scope.identity()): void {
    scope.outcome = scope.isCancelled && outcome === 'success' ? 'cancelled' : outcome;
    const drafts = scope.waiting.splice(0);
    const settled = this.settle();
    this.open--;
    const ended = (): void => {
      this.deferred -= drafts.length;
      scope.release();
      settled();
    };
    // Nearly always nothing waits, and then nothing is asynchronous.
    if (scope.outcome === 'success' && drafts.length > 0) {
      void this.#acceptAll(drafts, identityAtEnd, scope).finally(ended);
      return;
    }
    if (scope.outcome !== 'success') this.#skipAll(drafts, scope.outcome, scope);
    ended();
  }

  async #acceptAll(drafts: readonly EventDraft[], identityAtEnd: IdentityAtEnd, scope: Scope): Promise<void> {
    const [own, scoped] = [drafts.filter(hasOwnIdentity), drafts.filter((draft) => !hasOwnIdentity(draft))];
    for (const draft of own) this.accept(draft, undefined, scope);
    if (scoped.length === 0) return;
    try {
      const identity = await identityAtEnd();
      for (const draft of scoped) this.accept(draft, identity, scope);
    } catch (thrown) {
      this.#identifyFailed(thrown, undefined, scope);
      this.#skipAll(scoped, 'callback-failed', scope);
    }
  }

  #skipAll(drafts: readonly EventDraft[], reason: SkipReason, scope: Scope): void {
    for (const { name } of drafts) this.#intake.skip(name, reason, scope.route, detailOf(reason, scope));
  }

  /** Begins something that `flush` waits for; the returned function ends it. */
  settle(): () => void {
    this.settling++;
    return () => {
      this.settling--;
      this.#waiting.changed();
    };
  }

  track(name: string, options: EventOptions | undefined): void {
    const scope = this.current;
    const draft = this.#intake.draft(name, options, Date.now(), scope?.route);
    if (draft) this.#acceptNow(draft, scope);
  }

  trackOnSuccess(name: string, options: EventOptions | undefined): void {
    const scope = this.current;
    if (!scope) return this.#intake.skip(messageOf(name), 'no-scope', undefined);
    const draft = this.#intake.draft(name, options, Date.now(), scope.route);
    if (!draft) return;
    if (scope.outcome === 'success') return this.#acceptNow(draft, scope);
    if (scope.outcome !== undefined) return this.#skipAll([draft], scope.outcome, scope);
    if (scope.waiting.length >= MAX_WAITING_EVENTS) return this.#intake.dropTooMany(draft, scope.route);
    scope.waiting.push(draft);
    this.deferred++;
  }

  cancel(reason: string | undefined): void {
    const scope = this.current;
    const words = reason === undefined ? undefined : messageOf(reason);
    if (scope) return scope.cancel(words);
    const why = words === undefined ? '' : ` (${words})`;
    this.#intake.contained(
      new VeroError('VERO_NO_SCOPE', `cancelTracking${why} was called outside any scope`),
    );
  }

  /** Accepts an event of a scope, or of none. */
  accept(
    draft: EventDraft,
    identity: CheckedIdentity | undefined,
    scope: Scope | undefined,
    route: string | undefined = scope?.route,
  ): void {
    this.#intake.accept(draft, identity, { route, onEnd: this.#holdFor(scope) });
  }

  #acceptNow(draft: EventDraft, scope: Scope | undefined): void {
    let identity: CheckedIdentity | undefined;
    try {
      // An event with an identity of its own doesn't need the scope's, which may be dear or fail.
      if (!hasOwnIdentity(draft)) identity = scope?.identity();
    } catch (thrown) {
      this.#identifyFailed(thrown, draft.name, scope);
      return this.#intake.skip(draft.name, 'callback-failed', scope?.route);
    }
    this.accept(draft, identity, scope);
  }

  #identifyFailed(thrown: unknown, event: string | undefined, scope: Scope | undefined): void {
    this.#intake.callbackFailed({ callback: 'identify', thrown, event, route: scope?.route });
  }

  #ask(identify: () => unknown): CheckedIdentity | undefined {
    const answer = identify();
    if (answer === undefined || answer === null) return undefined;
    if (isThenable(answer)) {
      containRejection(answer, () => undefined);
      throw new TypeError(
        'it must answer at once, not with a promise; the identify of a declaration may be async',
      );
    }
    return this.#options.check(answer);
  }

  /** Makes the promise that was given to `waitUntil` wait for an event. */
  #holdFor(scope: Scope | undefined): (() => void) | undefined {
    if (!this.#options.waitUntil) return undefined;
    if (scope && !scope.completion.isOver) return scope.completion.hold();
    const completion = new Completion();
    this.#keepAwake(completion);
    return completion.hold();
  }

  #keepAwake(completion: Completion): void {
    const { waitUntil, waitUntilMs } = this.#options;
    if (!waitUntil) return;
    const failed = (thrown: unknown): void => this.#intake.callbackFailed({ callback: 'waitUntil', thrown });
    try {
      let timer: NodeJS.Timeout | undefined;
      const tooLong = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, waitUntilMs).unref();
      });
      const over = Promise.race([completion.whenOver(), tooLong]).finally(() => clearTimeout(timer));
      containRejection(waitUntil(over), failed);
    } catch (thrown) {
      failed(thrown);
    }
  }
}

/** What there is to say beside the reason. */
export function detailOf(reason: SkipReason, scope: Scope): string | undefined {
  return reason === 'cancelled' ? scope.cancelReason : undefined;
}

function hasOwnIdentity({ ownIdentity }: EventDraft): boolean {
  return ownIdentity !== undefined;
}
