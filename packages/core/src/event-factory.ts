import { CatalogueCheck } from './catalogue-check.ts';
import type { ClientSettings } from './client-options.ts';
import { type EventIssue, InvalidEventError, joinIssues, messageOf, VeroError } from './errors.ts';
import type { EventData, EventOptions, PendingEvent } from './event.ts';
import { newEventId } from './event-id.ts';
import { type CheckedIdentity, checkIdentity, isShort, MAX_CHARACTERS } from './identity.ts';
import { describe } from './options.ts';
import { type CheckedEvent, checkEvent, encodeBody, toBody } from './payload.ts';
import type { QueueRecord } from './queue/contract.ts';
import type { Reporter } from './reporter.ts';
import { containRejection, isThenable } from './within.ts';

/** An event copied out of its caller's hands. */
export interface EventDraft extends CheckedEvent {
  readonly eventId: string;
  readonly unique: boolean;
  /** Its own identity; `null` for nobody, `undefined` where the scope says who. */
  readonly ownIdentity: CheckedIdentity | null | undefined;
  /** W3C trace context of the work that made it. */
  readonly trace?: string;
}

const OPTION_NAMES: ReadonlySet<string> = new Set<keyof EventOptions>([
  'identity',
  'data',
  'createdAt',
  'eventId',
  'source',
  'conversionId',
  'unique',
]);

const NO_OPTIONS: EventOptions = Object.freeze({});

/** Makes the records that a queue stores from what callers give. */
export class EventFactory {
  readonly #settings: ClientSettings;
  readonly #reporter: Reporter;
  readonly catalogue: CatalogueCheck;
  readonly #toldOmissions = new Set<string>();

  constructor(settings: ClientSettings, reporter: Reporter) {
    this.#settings = settings;
    this.#reporter = reporter;
    this.catalogue = new CatalogueCheck(settings, reporter);
  }

  /** Copies an identity as a callback or a caller gave it. */
  check(given: unknown): CheckedIdentity {
    const { value, issues } = this.catalogue.identity(given);
    return issues.length > 0 ? { identity: { id: '' }, issues, omitted: [] } : this.checkAttributes(value);
  }

  /** Copies what is no longer as it was given, so that its schema would no longer know it. */
  checkAttributes(identity: unknown): CheckedIdentity {
    return checkIdentity(identity, this.#settings, this.#settings.maxPayloadBytes);
  }

  /** Copies an event; what is wrong with it is among the draft's issues. */
  draft(name: string, given: EventOptions | undefined, happenedAt: number): EventDraft {
    const settings = this.#settings;
    // Each is read once, and none is inherited: what somebody put on `Object.prototype` is no option.
    const options: EventOptions = given ?? NO_OPTIONS;
    const own = <Name extends keyof EventOptions>(option: Name): EventOptions[Name] =>
      Object.hasOwn(options, option) ? options[option] : undefined;
    const eventId = own('eventId');
    const unique = own('unique');
    const createdAt = own('createdAt');
    const { value, issues: catalogueIssues } = this.catalogue.data(name, own('data'));
    const { data, extras, issues } = checkEvent(
      {
        name,
        data: value as EventData,
        createdAt: createdAt === undefined ? happenedAt : createdAt,
        source: own('source') ?? settings.source,
        conversionId: own('conversionId'),
      },
      settings.maxPayloadBytes,
    );
    return {
      name,
      data,
      extras,
      issues: joinIssues(joinIssues(issues, catalogueIssues), optionIssues(given, eventId, unique)),
      eventId: typeof eventId === 'string' ? eventId : newEventId(happenedAt),
      unique: unique ?? settings.unique,
      ownIdentity: Object.hasOwn(options, 'identity') ? this.#ownIdentity(options.identity) : undefined,
    };
  }

  /** @throws {InvalidEventError} with every issue of the event and of its own identity */
  validDraft(name: string, options: EventOptions | undefined, happenedAt: number): EventDraft {
    let issues: readonly EventIssue[];
    try {
      const draft = this.draft(name, options, happenedAt);
      issues = joinIssues(draft.issues, draft.ownIdentity?.issues);
      if (issues.length === 0) return this.#withTrace(draft);
    } catch (thrown) {
      // Only options that can't even be read, a revoked proxy for example.
      issues = [{ path: 'options', message: messageOf(thrown) }];
    }
    throw new InvalidEventError(name, issues);
  }

  /**
   * The record of an event, or `undefined` when `beforeAccept` refused it.
   *
   * @throws {InvalidEventError} with every issue
   */
  make(draft: EventDraft, identity: CheckedIdentity): QueueRecord | undefined {
    const issues = joinIssues(draft.issues, identity.issues);
    if (issues.length > 0) throw new InvalidEventError(draft.name, issues);
    const accepted = this.#settings.beforeAccept
      ? this.#askBeforeAccept(draft, identity)
      : { draft, identity };
    if (!accepted) return undefined;
    const { developmentMode, maxPayloadBytes, project } = this.#settings;
    const checked = accepted.draft;
    const sent = draft.unique ? { ...checked, data: { ...checked.data, _event_id: draft.eventId } } : checked;
    const encoded = encodeBody(toBody(sent, accepted.identity, developmentMode), maxPayloadBytes);
    this.#tellOmissions(draft.name, accepted.identity.omitted);
    const record: QueueRecord = {
      v: 1,
      id: draft.eventId,
      kind: 'track',
      project,
      name: draft.name,
      acceptedAt: Date.now(),
      attempts: 0,
      notBefore: 0,
      body: encoded,
    };
    return draft.trace === undefined ? record : { ...record, trace: draft.trace };
  }

  /** Asked now, in the async context of the work: where the event is accepted, it may be another. */
  #withTrace(draft: EventDraft): EventDraft {
    const trace = this.#reporter.diagnostics.created(draft.name, draft.eventId);
    return trace === undefined ? draft : { ...draft, trace };
  }

  #ownIdentity(identity: unknown): CheckedIdentity | null {
    return identity === undefined || identity === null ? null : this.check(identity);
  }

  #askBeforeAccept(
    draft: EventDraft,
    identity: CheckedIdentity,
  ): { draft: CheckedEvent; identity: CheckedIdentity } | undefined {
    const { created_at: createdAt = '', source, vero_conv: conversionId } = draft.extras;
    const given: PendingEvent = {
      name: draft.name,
      eventId: draft.eventId,
      identity: structuredClone(identity.identity),
      data: structuredClone(draft.data),
      createdAt,
      source,
      conversionId,
    };
    let taken: Pick<PendingEvent, 'identity' | 'data' | 'source' | 'conversionId'>;
    try {
      const answer = this.#settings.beforeAccept?.(given);
      if (answer === null) return undefined;
      containRejection(answer, () => undefined);
      if (!isPendingEvent(answer)) {
        throw new TypeError(`it must return the event or null, not ${describe(answer)}`);
      }
      const { identity: who, data, source: newSource, conversionId: newConversionId } = answer;
      taken = { identity: who, data, source: newSource, conversionId: newConversionId };
    } catch (thrown) {
      const message = `beforeAccept failed, so event "${draft.name}" was not sent: ${messageOf(thrown)}`;
      const error = new VeroError('VERO_CALLBACK_FAILED', message, { cause: thrown });
      this.#reporter.emit('error', { error, name: draft.name, callback: 'beforeAccept' });
      return undefined;
    }
    const { identity: who, ...changed } = taken;
    const { omitted, ...checked } = this.checkAttributes(who);
    return {
      draft: checkEvent({ ...changed, name: draft.name, createdAt }, this.#settings.maxPayloadBytes),
      identity: { ...checked, omitted: [...identity.omitted, ...omitted] },
    };
  }

  #tellOmissions(name: string, omitted: readonly string[]): void {
    for (const omission of omitted) {
      // Once each: a column of the users table would be told with every event.
      if (this.#toldOmissions.has(omission) || this.#toldOmissions.size >= 1_000) continue;
      this.#toldOmissions.add(omission);
      const error = new VeroError('VERO_ATTRIBUTE_OMITTED', `Left out of event "${name}": ${omission}`);
      this.#reporter.emit('error', { error, name });
    }
  }
}

function isPendingEvent(answer: unknown): answer is PendingEvent {
  return typeof answer === 'object' && answer !== null && 'identity' in answer;
}

function optionIssues(options: EventOptions | undefined, eventId: unknown, unique: unknown): EventIssue[] {
  if (options === undefined) return [];
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    return [{ path: 'options', message: `must be an object, not ${describe(options)}` }];
  if (isThenable(options)) {
    containRejection(options, () => undefined);
    return [{ path: 'options', message: 'are a promise; await it first' }];
  }
  const issues: EventIssue[] = [];
  for (const key of Object.keys(options)) {
    if (OPTION_NAMES.has(key)) continue;
    const message = `is no option of an event; there are ${[...OPTION_NAMES].join(', ')}`;
    issues.push({ path: key, message });
  }
  if (unique !== undefined && typeof unique !== 'boolean') {
    issues.push({ path: 'unique', message: `must be true or false, not ${describe(unique)}` });
  }
  if (eventId !== undefined && (typeof eventId !== 'string' || eventId.trim() === '' || !isShort(eventId))) {
    issues.push({
      path: 'eventId',
      message: `must be a string that is not empty, under ${MAX_CHARACTERS} characters`,
    });
  }
  return issues;
}
