import { Attachment } from './adapter/attachment.ts';
import type { EventCatalogue, IdentityDefinition, OpenCatalogue, OpenIdentity } from './catalogue.ts';
import {
  type ClientSettings,
  clientSettings,
  type VeroOptions,
  type WorkerOptions,
} from './client-options.ts';
import { Credential } from './delivery/credential.ts';
import { Engine } from './delivery/engine.ts';
import { Ledger } from './delivery/ledger.ts';
import { sendNow } from './delivery/send-now.ts';
import { Diagnostics } from './diagnostics/diagnostics.ts';
import type { ObservedClient } from './diagnostics/messages.ts';
import { enterClient } from './diagnostics/open-clients.ts';
import { DeliveryError, VeroError } from './errors.ts';
import type { EventOptions, Outcome } from './event.ts';
import { EventFactory } from './event-factory.ts';
import { holdProcess } from './hold-process.ts';
import type { CheckedIdentity } from './identity.ts';
import { Intake } from './intake.ts';
import { attachInternals } from './internals.ts';
import { anything, checkOptions, milliseconds } from './options.ts';
import type { DeadLetters } from './queue/contract.ts';
import { recordNow } from './record-now.ts';
import { Reporter, type VeroEvents, type VeroListener } from './reporter.ts';
import { Scopes } from './scopes.ts';
import { assertOwnProject, release, retain } from './shared-part.ts';
import type {
  AnyVero,
  FlushLimits,
  FlushResult,
  RunScope,
  SendLimits,
  Vero,
  VeroHealth,
  VeroStats,
  VeroWorker,
} from './vero.ts';
import { Waiting } from './waiting.ts';
import { isThenable, settled, within } from './within.ts';

/**
 * Makes a client. One for a process is enough.
 *
 * @example
 * const vero = createVero(); // takes VERO_AUTH_TOKEN from the environment
 * vero.track('add_to_cart', { identity: { id: '42', email: 'jane@example.com' }, data: { item_name: 'Blue shoes' } });
 * await vero.close();
 * @throws {VeroError} `VERO_CONFIG` for a bad option or environment variable, which it names
 */
export function createVero<
  Events extends EventCatalogue = OpenCatalogue,
  User extends IdentityDefinition = OpenIdentity,
>(options: VeroOptions<Events, User> = {}): Vero<Given<Events>, Given<User>> {
  return new VeroClient(clientSettings(options), false) as AnyVero as Vero<Events, User>;
}

/**
 * Delivers what others put into a queue that they share. It takes from a queue that `handsOver`, as no client does.
 *
 * @throws {VeroError} `VERO_CONFIG` for a bad option or environment variable, which it names
 */
export function createWorker(options: WorkerOptions): VeroWorker {
  return new VeroClient(clientSettings(options), true);
}

/**
 * Not to be inferred from where the client goes: without `events`, it has no catalogue. `NoInfer` would do, and would stand
 * in every message about a client.
 */
type Given<T> = [T][T extends unknown ? 0 : never];

const CLOSE_PART_MS = 5_000;
const CLOSE_MOMENT_MS = 250;
/** The last part of the time for a close, in which no attempt is begun whose event can as well wait in a durable queue. */
const FINISHING_SHARE = 0.2;
/** An event that waits for longer makes the client unhealthy. */
const STALE_MS = 5 * 60_000;

class VeroClient implements Vero {
  readonly #settings: ClientSettings;
  readonly #reporter: Reporter;
  readonly #ledger: Ledger;
  readonly #engine: Engine;
  readonly #events: EventFactory;
  readonly #intake: Intake;
  readonly #scopes: Scopes;
  readonly #waiting = new Waiting();
  readonly #onlyDelivers: boolean;
  /** Held here, because others hold it weakly. */
  readonly #observed: ObservedClient;
  readonly #leave: () => void;
  #isClosed = false;
  #closing: Promise<FlushResult> | undefined;

  constructor(settings: ClientSettings, delivers: boolean) {
    const { enabled, queue, transport, url, project, beforeSend, delivery, waitUntil, waitUntilMs } =
      settings;
    // Before the engine listens to the queue.
    assertOwnProject(queue, project);
    const credential = new Credential(settings.authToken);
    this.#settings = settings;
    this.#onlyDelivers = delivers;
    this.#observed = {
      role: delivers ? 'worker' : 'client',
      project,
      stats: () => this.stats(),
      health: () => this.health(),
      queueCounts: async () => await queue.counts(),
    };
    this.#reporter = new Reporter(settings.logger, new Diagnostics(this.#observed));
    this.#ledger = new Ledger(this.#reporter, this.#waiting, queue.isDurable !== true);
    this.#engine = new Engine(
      { enabled, delivers, queue, transport, credential, url, project, beforeSend, ...delivery },
      this.#ledger,
      this.#reporter,
      this.#waiting,
    );
    retain(queue, project);
    retain(transport, project);
    this.#events = new EventFactory(settings, this.#reporter);
    this.#intake = new Intake(enabled, this.#events, this.#engine, this.#ledger, this.#reporter);
    const check = (identity: unknown): CheckedIdentity => this.#events.check(identity);
    this.#scopes = new Scopes({ check, waitUntil, waitUntilMs }, this.#intake, this.#waiting);
    attachInternals(this, {
      scopes: this.#scopes,
      intake: this.#intake,
      events: this.#events,
      ledger: this.#ledger,
      queue,
      declared: new Attachment('declared'),
      declaredEvents: new Map(),
    });
    this.#leave = enterClient(this.#observed);
  }

  get deadLetters(): DeadLetters {
    return this.#settings.queue.deadLetters;
  }

  track(name: string, options?: EventOptions): void {
    this.#scopes.track(name, options);
  }

  async send(name: string, options?: EventOptions, limits: SendLimits = {}): Promise<void> {
    const { timeoutMs = 30_000 } = checkOptions('send', limits, { timeoutMs: milliseconds });
    const deadline = Date.now() + timeoutMs;
    const route = this.#scopes.current?.route;
    const record = recordNow(this, 'send', name, options);
    if (record === 'disabled') return;
    if (record === 'refused') {
      throw new VeroError('VERO_NOT_SENT', `send: beforeAccept refused event "${name}"`);
    }
    if (this.#isClosed) {
      throw new VeroError('VERO_NOT_SENT', `send: the client is closed, so "${name}" was not sent`);
    }
    if (this.#ledger.has(record.id)) {
      this.#intake.skip(name, 'duplicate', route);
      throw new VeroError('VERO_NOT_SENT', `send: an event with the id of "${name}" is already waiting`);
    }
    const { paused } = this.#engine;
    if (paused) {
      const message = `send: delivery is paused (${paused}), so event "${name}" was not tried`;
      throw new DeliveryError(message, { attempts: 0, event: record }, 'VERO_PAUSED');
    }
    const attemptMs = this.#settings.delivery.timeoutMs;
    const letGo = holdProcess();
    try {
      await sendNow(this.#engine, this.#ledger, record, { deadline, attemptMs });
    } finally {
      letGo();
    }
  }

  run<T>(options: RunScope, work: () => T): T {
    checkOptions('run', options, { identity: anything });
    const identify = Object.hasOwn(options, 'identity') ? () => options.identity : undefined;
    const scope = this.#scopes.begin({ identify });
    scope.keepIdentity();
    const end = (outcome: Outcome): void => this.#scopes.end(scope, outcome);
    let result: T;
    try {
      result = this.#scopes.storage.run(scope, work);
    } catch (thrown) {
      end('failure');
      throw thrown;
    }
    if (!isThenable(result)) {
      end('success');
      return result;
    }
    // The derived promise takes the place of the work's own: so a rejection that nobody handles is still seen.
    return settled(result).then(
      (value) => {
        end('success');
        return value;
      },
      (thrown: unknown) => {
        end('failure');
        throw thrown;
      },
    ) as T;
  }

  trackOnSuccess(name: string, options?: EventOptions): void {
    this.#scopes.trackOnSuccess(name, options);
  }

  cancelTracking(reason?: string): void {
    this.#scopes.cancel(reason);
  }

  identity(): Readonly<Record<string, unknown>> | undefined {
    try {
      const checked = this.#scopes.current?.identity();
      return checked && checked.issues.length === 0 ? structuredClone(checked.identity) : undefined;
    } catch {
      // The scope tells of it when an event needs the identity.
      return undefined;
    }
  }

  flush(limits: FlushLimits = {}): Promise<FlushResult> {
    return this.#countingFrom('flush', limits, ({ timeout = 30_000 }) =>
      this.#untilIdle(timeout, () => this.#engine.hasLookedThrough),
    );
  }

  close(limits: FlushLimits = {}): Promise<FlushResult> {
    if (this.#closing) return this.#closing;
    const closing = this.#countingFrom('close', limits, ({ timeout = 10_000 }) => this.#close(timeout));
    this.#closing = closing;
    // Wrong limits refuse the call, and leave the client as it was.
    closing.catch(() => {
      this.#closing = undefined;
    });
    return closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  stats(): VeroStats {
    return {
      ...this.#ledger.counters,
      pending: this.#ledger.pending,
      invalid: this.#intake.invalid,
      skipped: { ...this.#intake.skipped },
      deferred: this.#scopes.deferred,
      openScopes: this.#scopes.open,
      paused: this.#engine.paused,
      oldestPendingMs: this.#ledger.oldestPendingMs,
    };
  }

  health(): VeroHealth {
    const { pending, oldestPendingMs } = this.#ledger;
    const { paused } = this.#engine;
    const reasons: string[] = [];
    if (this.#isClosed) reasons.push('the client is closed');
    if (paused) reasons.push(`delivery is paused: ${paused}`);
    if (oldestPendingMs !== undefined && oldestPendingMs > STALE_MS) {
      reasons.push(`the oldest event has waited for ${Math.round(oldestPendingMs / 60_000)} minutes`);
    }
    return { ok: reasons.length === 0, reasons, oldestPendingMs, pending, paused };
  }

  on<Name extends keyof VeroEvents>(name: Name, listener: VeroListener<Name>): () => void {
    return this.#reporter.on(name, listener);
  }

  async #countingFrom(
    where: string,
    limits: FlushLimits,
    work: (limits: FlushLimits) => Promise<unknown>,
  ): Promise<FlushResult> {
    const checked = checkOptions(where, limits, { timeout: milliseconds });
    const before = { ...this.#ledger.counters };
    await work(checked);
    const after = this.#ledger.counters;
    return {
      delivered: after.delivered - before.delivered,
      rejected: after.rejected - before.rejected,
      dropped: after.dropped - before.dropped,
      handedOver: after.handedOver - before.handedOver,
      pending: this.#ledger.pending,
      deferred: this.#scopes.deferred,
    };
  }

  #untilIdle(timeoutMs: number, hasLooked: () => boolean): Promise<boolean> {
    this.#engine.look();
    const isIdle = (): boolean => this.#scopes.settling === 0 && hasLooked() && this.#ledger.pending === 0;
    return this.#waiting.until(isIdle, timeoutMs);
  }

  async #close(timeoutMs: number): Promise<void> {
    const letGo = holdProcess();
    try {
      await this.#closeBy(Date.now() + timeoutMs, timeoutMs / 2);
    } finally {
      letGo();
    }
  }

  async #closeBy(deadline: number, scopesMs: number): Promise<void> {
    // Work that never ends must not take the time that delivery needs.
    await this.#waiting.until(() => this.#scopes.isQuiet, scopesMs);
    if (this.#ledger.pending === 0) {
      await this.#waiting.until(() => this.#scopes.isQuiet, Math.max(0, deadline - Date.now()));
    }
    this.#isClosed = true;
    this.#engine.refuseNew();
    await this.#deliverUntil(deadline);
    // Within what time is left; each gets a moment in any case.
    const limit = (): number => Math.min(CLOSE_PART_MS, Math.max(CLOSE_MOMENT_MS, deadline - Date.now()));
    await this.#engine.stop(limit());
    this.#leave();
    await Promise.all(
      [this.#settings.transport, this.#settings.queue].map((part) => this.#release(part, limit())),
    );
  }

  async #deliverUntil(deadline: number): Promise<void> {
    const rest = (): number => Math.max(0, deadline - Date.now());
    const { isDurable } = this.#settings.queue;
    // What a worker has not begun, others deliver.
    if (this.#onlyDelivers && isDurable) return await this.#engine.finish(rest());
    const limit = isDurable ? rest() * (1 - FINISHING_SHARE) : rest();
    // All that an earlier run left may be more than there is time for.
    const isIdle = await this.#untilIdle(limit, () => this.#engine.hasLookedInto);
    if (!isIdle && isDurable) await this.#engine.finish(rest());
  }

  async #release(part: { close?(): void | Promise<void> }, limitMs: number): Promise<void> {
    if (!release(part, this.#settings.project)) return;
    try {
      await within(limitMs, async () => part.close?.());
    } catch (thrown) {
      this.#intake.contained(thrown);
    }
  }
}
