import type { EventCatalogue, EventInput, EventName, NoData, OpenCatalogue } from '../catalogue.ts';
import type { EventData, Identity } from '../event.ts';

/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** When a declared event is true, and whose it is. `C` is what callbacks get. */
export interface DeclarationConditions<C, User = Identity> {
  /**
   * Who did it; asked only at the end, where the result is known (sign-up, log-in as somebody else). It replaces the
   * adapter's `identify`.
   * @default who the scope says
   */
  readonly identify?: ((context: C) => MaybePromise<User | null | undefined>) | undefined;
  /** Narrows: no event unless it says `true`. Asked at the end. @default always */
  readonly when?: ((context: C) => MaybePromise<boolean>) | undefined;
  /** Put the event's id into its data, so that look-alike events all count. @default the client's `unique` */
  readonly unique?: boolean | undefined;
}

/** The same over HTTP, where a status and a client that may leave come into play. */
export interface HttpConditions<C, User = Identity> extends DeclarationConditions<C, User> {
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

/** What a declared event says, where there is no catalogue. */
export interface AnyData<C> {
  /** What describes the event: an object, or a callback that gives one, asked at the end. @default nothing */
  readonly data?: EventData | ((context: C) => MaybePromise<EventData | null | undefined>) | undefined;
}

/** The options of a declared event, where there is no catalogue. */
export interface DeclarationOptions<C, User = Identity> extends DeclarationConditions<C, User>, AnyData<C> {}
/** The options of an event that is declared on a route, where there is no catalogue. */
export interface HttpDeclarationOptions<C, User = Identity> extends HttpConditions<C, User>, AnyData<C> {}

/** The data of a declared event, or a callback that gives it, sync or async. */
export type DataSource<C, Data, Returned, Name extends string> =
  | Data
  | ((context: C) => OnlyKnown<Returned, Data, Name>);

/** The options of an event whose data is required. */
export interface WithData<C, Data, Returned, Name extends string> {
  /** What describes the event: an object, or a callback that gives one, asked at the end. */
  readonly data: DataSource<C, Data, Returned, Name>;
}

/** The options of an event whose data may be missing. */
export interface MayHaveData<C, Data, Returned, Name extends string> {
  /** What describes the event: an object, or a callback that gives one, asked at the end. @default nothing */
  readonly data?: DataSource<C, Data, Returned, Name> | undefined;
}

/** The options of an event without data. */
export interface HasNoData<Name extends string> {
  /** Never there: whoever gives data is told so by the compiler. */
  readonly data?: NoData<Name> | undefined;
}

/**
 * What follows the name in a declaration: its options, which may only be missing where the event's data may.
 * `Conditions` are the adapter's options, and `Returned` is inferred from a `data` callback.
 */
export type DeclarationArguments<
  Events extends EventCatalogue,
  Name extends string,
  C,
  Conditions,
  Returned,
> =
  string extends EventName<Events>
    ? [options?: Conditions & AnyData<C>]
    : ArgumentsFor<EventInput<Events, Name>, Name, C, Conditions, Returned>;

type ArgumentsFor<Data, Name extends string, C, Conditions, Returned> = [Data] extends [
  NoData<Name> | undefined,
]
  ? [options?: Conditions & HasNoData<Name>]
  : undefined extends Data
    ? [options?: Conditions & MayHaveData<C, Data, Returned, Name>]
    : [options: Conditions & WithData<C, Data, Returned, Name>];

/** An event that a callback chose. */
export type ChosenEvent<Name extends string = string, Events extends EventCatalogue = OpenCatalogue> = {
  readonly [Each in Name]: { readonly name: Each } & ChosenData<EventInput<Events, Each>>;
}[Name];

type ChosenData<Data> = undefined extends Data
  ? { readonly data?: Data | undefined }
  : { readonly data: Data };

/** None, one or several of the declared events. */
export type Chosen<Name extends string, Events extends EventCatalogue = OpenCatalogue> =
  | ChosenEvent<Name, Events>
  | readonly ChosenEvent<Name, Events>[]
  | null
  | undefined
  | false;

/** A callback that chooses, at the end, which of the declared events there are. */
export type ChooseEvents<
  C,
  Name extends string,
  Events extends EventCatalogue = OpenCatalogue,
  Returned = MaybePromise<Chosen<Name, Events>>,
> = (context: C) => OnlyChosen<Returned, MaybePromise<Chosen<Name, Events>>, Events>;

// TypeScript lets a callback return more than its type asks for. These say no, at any depth.

/** What a callback returned; or, where the event has no such property, a type that says so. */
export type OnlyKnown<Returned, Data, Name extends string> = [MaybePromise<Data>] extends [Returned]
  ? Returned
  : Exact<Returned, Data, Name>;

/** The same for callbacks that choose events. */
export type OnlyChosen<Returned, Expected, Events extends EventCatalogue> = [Expected] extends [Returned]
  ? Returned
  : ExactChoice<Returned, Events>;

type ExactChoice<Value, Events extends EventCatalogue> =
  Value extends Promise<infer Resolved>
    ? Promise<ExactChoice<Resolved, Events>>
    : Value extends readonly unknown[]
      ? { [Index in keyof Value]: ExactChoice<Value[Index], Events> }
      : Value extends { readonly name: infer Name extends string }
        ? {
            [Key in keyof Value]: Key extends 'data'
              ? Exact<Value[Key], EventInput<Events, Name>, Name>
              : Key extends (string extends EventName<Events> ? keyof Value : 'name')
                ? Value[Key]
                : `"${Key & string}" is no property of a chosen event`;
          }
        : Value;

type Exact<Value, Data, Name extends string> = Value extends Leaf
  ? Value
  : Value extends Promise<infer Resolved>
    ? Promise<Exact<Resolved, Data, Name>>
    : Value extends readonly (infer Item)[]
      ? // Stops at lists that hold themselves (JSON), which would be unfolded for ever.
        Same<Item, ItemOf<Data>> extends true
        ? Value
        : { [Index in keyof Value]: Exact<Value[Index], ItemOf<Data>, Name> }
      : ExactObject<Value, Matching<Value, Data>, Name>;

// What has no properties of its own (`unknown`, `object`) is open.
type ExactObject<Value, Data, Name extends string> = [KeysOf<Data>] extends [never]
  ? Value
  : {
      [Key in keyof Value]: Key extends KeysOf<Data>
        ? Exact<Value[Key], MemberOf<Data, Key>, Name>
        : Value[Key] extends undefined
          ? Value[Key]
          : `"${Key & string}" is no property of event "${Name}"`;
    };

type Leaf =
  | string
  | number
  | bigint
  | boolean
  | symbol
  | null
  | undefined
  | Date
  | ((...args: never[]) => unknown);
type KeysOf<Data> = Data extends unknown ? keyof Data : never;
type MemberOf<Data, Key> = Data extends unknown ? (Key extends keyof Data ? Data[Key] : never) : never;
type ItemOf<Data> = Data extends readonly (infer Item)[] ? Item : never;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Of a union, those that the value is; all of them, where it is no single one: `{ by: 'card' | 'invoice' }`. */
type Matching<Value, Data> = [MembersOf<Value, Data>] extends [never] ? Data : MembersOf<Value, Data>;
type MembersOf<Value, Data> = Data extends unknown ? (Value extends Data ? Data : never) : never;
