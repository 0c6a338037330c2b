import type { EventCatalogue, IdentityDefinition } from './catalogue.ts';
import { type EventIssue, InvalidEventError, VeroError } from './errors.ts';
import { didYouMean } from './options.ts';
import type { Reporter } from './reporter.ts';
import { type SchemaResult, validate } from './schema.ts';

export interface CatalogueRules {
  readonly events: EventCatalogue | undefined;
  readonly identity: IdentityDefinition | undefined;
  readonly onInvalid: 'refuse' | 'send';
}

// Set by the command that reads a tracking plan: it lists such names, all of them, where a start ends with the first.
const READS_PLAN = Symbol.for('verotrack.reads-plan');

/**
 * Holds names of events against a catalogue.
 *
 * @throws {VeroError} `VERO_CONFIG` for a name that is not in the catalogue
 */
export function assertInCatalogue(where: string, events: EventCatalogue, names: readonly string[]): void {
  for (const name of names) {
    const [issue] = nameIssues(events, name);
    if (issue) throw new VeroError('VERO_CONFIG', `${where}: event "${name}" ${issue.message}`);
  }
}

function nameIssues({ definitions }: EventCatalogue, name: unknown): readonly EventIssue[] {
  if (typeof name !== 'string' || Object.hasOwn(definitions, name)) return [];
  return [{ path: 'name', message: `is not in the catalogue${didYouMean(name, Object.keys(definitions))}` }];
}

/** Holds events and users against what `defineEvents` and `defineIdentity` say. Never throws. */
export class CatalogueCheck {
  readonly #rules: CatalogueRules;
  readonly #reporter: Reporter;

  constructor(rules: CatalogueRules, reporter: Reporter) {
    this.#rules = rules;
    this.#reporter = reporter;
  }

  get events(): EventCatalogue | undefined {
    return this.#rules.events;
  }

  /** @throws {VeroError} `VERO_CONFIG`, when the application starts, for a name that would be refused at run time */
  assertKnown(where: string, names: readonly string[]): void {
    const { events, onInvalid } = this.#rules;
    if (!events || onInvalid === 'send' || READS_PLAN in globalThis) return;
    assertInCatalogue(where, events, names);
  }

  /** What the event's schema makes of its data. */
  data(name: string, data: unknown): SchemaResult {
    const { events } = this.#rules;
    if (!events) return { value: data, issues: [] };
    const issues = nameIssues(events, name);
    const schema = issues.length === 0 ? events.definitions[name] : undefined;
    return this.#unlessSent(schema ? validate(schema, data, 'data') : { value: data, issues }, data, name);
  }

  /** What the identity's schema makes of a user. */
  identity(given: unknown): SchemaResult {
    const { identity } = this.#rules;
    if (!identity) return { value: given, issues: [] };
    return this.#unlessSent(validate(identity.schema, given, 'identity'), given);
  }

  #unlessSent(result: SchemaResult, given: unknown, name?: string): SchemaResult {
    if (result.issues.length === 0 || this.#rules.onInvalid === 'refuse') return result;
    const cause = new InvalidEventError(name, result.issues);
    const message = `Not refused (onInvalid: 'send'). ${cause.message}`;
    this.#reporter.emit('error', { error: new VeroError('VERO_NOT_IN_CATALOGUE', message, { cause }), name });
    return { value: given, issues: [] };
  }
}
