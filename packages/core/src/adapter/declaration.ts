import { type EventIssue, VeroError } from '../errors.ts';
import type { EventData, Identity } from '../event.ts';
import { aBoolean, aFunction, checkOptions, listOfStrings, type OptionRule, oneOf } from '../options.ts';
import { checkName } from '../payload.ts';

type MaybePromise<T> = T | Promise<T>;

/** When a declared event is true, and what it says. `C` is what callbacks get. */
export interface DeclarationOptions<C> {
  /**
   * Who did it; asked only at the end, where the result is known (sign-up, log-in as somebody else). It replaces the
   * adapter's `identify`.
   * @default who the scope says
   */
  readonly identify?: ((context: C) => MaybePromise<Identity | null | undefined>) | undefined;
  /** What describes the event: an object, or a callback that gives one, asked at the end. @default nothing */
  readonly data?: EventData | ((context: C) => MaybePromise<EventData | null | undefined>) | undefined;
  /** Narrows: no event unless it says `true`. Asked at the end. @default always */
  readonly when?: ((context: C) => MaybePromise<boolean>) | undefined;
  /** Put the event's id into its data, so that look-alike events all count. @default the client's `unique` */
  readonly unique?: boolean | undefined;
}

/** The same over HTTP, where a status and a client that may leave come into play. */
export interface HttpDeclarationOptions<C> extends DeclarationOptions<C> {
  /** Replaces the rule that the status must be from 200 to 399. @default the status rule */
  readonly success?: ((context: C) => MaybePromise<boolean>) | undefined;
  /**
   * `response`: the response must have been sent whole. `handled`: the code must have finished and its answer been
   * written, even if the client had left.
   * @default 'response'
   */
  readonly on?: 'response' | 'handled' | undefined;
  /** The request methods that emit. @default all but HEAD and OPTIONS */
  readonly methods?: readonly string[] | undefined;
}

/** An event that a callback chose. */
export interface ChosenEvent<Name extends string = string> {
  readonly name: Name;
  readonly data?: EventData | null | undefined;
}

/** None, one or several of the declared events. */
export type Chosen<Name extends string> =
  | ChosenEvent<Name>
  | readonly ChosenEvent<Name>[]
  | null
  | undefined
  | false;

export type ChooseEvents<C, Name extends string> = (context: C) => MaybePromise<Chosen<Name>>;

/** The object that says "this route emits this event". It happens once a request, however often it is applied. */
export interface Declaration<C> extends Omit<HttpDeclarationOptions<C>, 'on'> {
  readonly on?: 'response' | 'handled' | 'start' | 'done' | undefined;
  /** The events it can emit. */
  readonly names: readonly string[];
  readonly choose?: ChooseEvents<C, string> | undefined;
}

const aDataSource: OptionRule = {
  expected: 'an object or a function',
  accepts: (value) =>
    typeof value === 'function' || (typeof value === 'object' && value !== null && !Array.isArray(value)),
};

type OptionRules = Readonly<Record<string, OptionRule>>;

const COMMON_RULES = { identify: aFunction, when: aFunction, success: aFunction, unique: aBoolean };
const CHOICE_RULES = { ...COMMON_RULES, on: oneOf('response', 'handled'), methods: listOfStrings };

/** The options of a declared event over HTTP. */
const HTTP_DECLARATION_RULES: OptionRules = { ...CHOICE_RULES, data: aDataSource };

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
  checkOptions(`${where}('${name}')`, options, rules);
  return { ...options, names: [name] };
}

/** Several events, of which a callback chooses at the end. @throws {VeroError} `VERO_CONFIG` */
export function declareEvents<C, Name extends string>(
  where: string,
  names: readonly Name[],
  choose: ChooseEvents<C, Name>,
  options: Omit<HttpDeclarationOptions<C>, 'data'> = {},
): Declaration<C> {
  if (!Array.isArray(names) || names.length === 0) {
    throw new VeroError('VERO_CONFIG', `${where}: its first argument must be a list of event names`);
  }
  for (const name of names) assertName(where, name);
  if (typeof choose !== 'function')
    throw new VeroError('VERO_CONFIG', `${where}: its second argument must be a function`);
  checkOptions(where, options, CHOICE_RULES);
  return { ...options, names, choose: choose as ChooseEvents<C, string> };
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
