import { type EventIssue, VeroError } from '../errors.ts';
import { aBoolean, aFunction, checkOptions, listOfStrings, type OptionRule, oneOf } from '../options.ts';
import { checkName } from '../payload.ts';
import type { Chosen, HttpConditions, HttpDeclarationOptions, MaybePromise } from './declaration-types.ts';

/** Chooses events; public functions know more of what it may give. */
export type Choose<C> = (context: C) => MaybePromise<Chosen<string>>;

/** The object that says "this route emits this event". It happens once a request, however often it is applied. */
export interface Declaration<C> extends Omit<HttpDeclarationOptions<C>, 'on'> {
  /** What must have happened; `start` and `done` are those of a tRPC subscription. @default 'response' */
  readonly on?: 'response' | 'handled' | 'start' | 'done' | undefined;
  /** The events it can emit. */
  readonly names: readonly string[];
  /** Chooses among `names` at the end; without it the one event of `names` happens. */
  readonly choose?: Choose<C> | undefined;
  /** What the route is called, where the framework can't say it. */
  readonly route?: string | undefined;
}

const aDataSource: OptionRule = {
  expected: 'an object or a function',
  accepts: (value) =>
    typeof value === 'function' || (typeof value === 'object' && value !== null && !Array.isArray(value)),
};

type OptionRules = Readonly<Record<string, OptionRule>>;

const COMMON_RULES = { identify: aFunction, when: aFunction, success: aFunction, unique: aBoolean };

/** The options of events over HTTP of which a callback chooses. */
export const HTTP_CHOICE_RULES: OptionRules = {
  ...COMMON_RULES,
  on: oneOf('response', 'handled'),
  methods: listOfStrings,
};

/** The options of a declared event over HTTP. */
export const HTTP_DECLARATION_RULES: OptionRules = { ...HTTP_CHOICE_RULES, data: aDataSource };

/** The options of an event declared on a call, which may be a subscription. */
export const CALL_DECLARATION_RULES: OptionRules = {
  ...COMMON_RULES,
  data: aDataSource,
  on: oneOf('response', 'handled', 'start', 'done'),
};

/**
 * One event.
 *
 * @throws {VeroError} `VERO_CONFIG`, when the application starts, for a bad name or option
 */
export function declareEvent<C>(
  where: string,
  name: string,
  options: Omit<Declaration<C>, 'names' | 'choose'> = {},
  rules: OptionRules = HTTP_DECLARATION_RULES,
): Declaration<C> {
  assertName(where, name);
  return Object.assign(checkOptions(`${where}('${name}')`, options, rules), { names: [name] });
}

/** Several events, of which a callback chooses at the end. @throws {VeroError} `VERO_CONFIG` */
export function declareEvents<C>(
  where: string,
  names: readonly string[],
  choose: Choose<C>,
  options: HttpConditions<C> & Pick<Declaration<C>, 'route'> = {},
  rules: OptionRules = HTTP_CHOICE_RULES,
): Declaration<C> {
  if (!Array.isArray(names) || names.length === 0) {
    throw new VeroError('VERO_CONFIG', `${where}: its first argument must be a list of event names`);
  }
  for (const name of names) assertName(where, name);
  if (typeof choose !== 'function')
    throw new VeroError('VERO_CONFIG', `${where}: its second argument must be a function`);
  return Object.assign(checkOptions(where, options, rules), { names: [...names], choose });
}

/** Whether a request of this method is meant at all. */
export function appliesToMethod(
  { methods }: { readonly methods?: readonly string[] | undefined },
  method: string,
): boolean {
  if (methods) return methods.some((listed) => listed.toUpperCase() === method.toUpperCase());
  return method !== 'HEAD' && method !== 'OPTIONS';
}

function assertName(where: string, name: unknown): void {
  const issues: EventIssue[] = [];
  checkName(name, issues);
  const [issue] = issues;
  if (issue) throw new VeroError('VERO_CONFIG', `${where}: the event's name ${issue.message}`);
}
