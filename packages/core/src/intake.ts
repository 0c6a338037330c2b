import type { Engine } from './delivery/engine.ts';
import type { Ledger } from './delivery/ledger.ts';
import { InvalidEventError, isVeroError, messageOf, VeroError } from './errors.ts';
import type { EventOptions, SkipReason } from './event.ts';
import type { EventDraft, EventFactory } from './event-factory.ts';
import type { CheckedIdentity } from './identity.ts';
import type { Reporter } from './reporter.ts';

export interface CallbackFailure {
  readonly callback: string;
  readonly thrown: unknown;
  readonly event?: string | undefined;
  readonly route?: string | undefined;
}

/** What an event needs to be accepted, beside itself. */
export interface Circumstances {
  readonly route: string | undefined;
  /** Called when the event has ended. */
  readonly onEnd?: (() => void) | undefined;
}

/** Accepts events, or counts and tells why not. Nothing here throws. */
export class Intake {
  invalid = 0;
  readonly skipped: Partial<Record<SkipReason, number>> = {};
  readonly isEnabled: boolean;
  readonly #factory: EventFactory;
  readonly #engine: Engine;
  readonly #ledger: Ledger;
  readonly #reporter: Reporter;

  constructor(isEnabled: boolean, factory: EventFactory, engine: Engine, ledger: Ledger, reporter: Reporter) {
    this.isEnabled = isEnabled;
    this.#factory = factory;
    this.#engine = engine;
    this.#ledger = ledger;
    this.#reporter = reporter;
  }

  /** Copies an event; `undefined` when it is invalid, which is told at once. */
  draft(
    name: string,
    options: EventOptions | undefined,
    happenedAt: number,
    route: string | undefined,
  ): EventDraft | undefined {
    try {
      return this.#factory.validDraft(name, options, happenedAt);
    } catch (thrown) {
      this.#refuse(thrown as InvalidEventError, name, route);
      return undefined;
    }
  }

  /** `identity`: who did it where the event doesn't say. */
  accept(draft: EventDraft, identity: CheckedIdentity | undefined, { route, onEnd }: Circumstances): void {
    const { name } = draft;
    const who = draft.ownIdentity === undefined ? identity : draft.ownIdentity;
    let isHandedOn = false;
    try {
      if (!who) return this.skip(name, 'no-identity', route);
      const record = this.#factory.make(draft, who);
      if (!this.isEnabled) return this.skip(name, 'disabled', route);
      if (!record) return this.skip(name, 'refused', route);
      if (this.#ledger.has(record.id)) return this.skip(name, 'duplicate', route);
      isHandedOn = true;
      this.#engine.accept(record, onEnd);
    } catch (thrown) {
      if (thrown instanceof InvalidEventError) this.#refuse(thrown, name, route);
      else this.contained(thrown);
    } finally {
      if (!isHandedOn) onEnd?.();
    }
  }

  /** Accepts an event only to drop it, so that it is counted and told. */
  dropTooMany({ eventId: id, name }: EventDraft, route: string | undefined): void {
    if (this.#ledger.has(id)) return this.skip(name, 'duplicate', route);
    this.#ledger.accept({ id, name, acceptedAt: Date.now() });
    this.#ledger.drop(id, 'too-many');
  }

  skip(name: string, reason: SkipReason, route: string | undefined, detail?: string): void {
    this.skipped[reason] = (this.skipped[reason] ?? 0) + 1;
    this.#reporter.emit('skipped', { name, reason, route, detail });
  }

  /** Counts an invalid event whose caller gets the error. */
  countInvalid(name: string, error: InvalidEventError): void {
    this.invalid++;
    this.#reporter.diagnostics.told('invalid', { name: messageOf(name), error });
  }

  callbackFailed({ callback, thrown, event, route }: CallbackFailure): void {
    const what = event === undefined ? '' : ` of event "${event}"`;
    const message = `The callback "${callback}"${what} failed: ${messageOf(thrown)}`;
    const error = new VeroError('VERO_CALLBACK_FAILED', message, { cause: thrown });
    this.#reporter.emit('error', { error, name: event, callback, route });
  }

  contained(thrown: unknown): void {
    if (isVeroError(thrown)) return this.#reporter.emit('error', { error: thrown });
    const error = new VeroError('VERO_INTERNAL', `Something failed inside Verotrack: ${messageOf(thrown)}`, {
      cause: thrown,
    });
    this.#reporter.emit('error', { error });
  }

  #refuse(error: InvalidEventError, name: string, route: string | undefined): void {
    this.invalid++;
    this.#reporter.emit('invalid', { name: messageOf(name), error, route });
  }
}
