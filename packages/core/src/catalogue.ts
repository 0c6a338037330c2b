import { type EventIssue, VeroError } from './errors.ts';
import type { EventData, Identity } from './event.ts';
import { anObject, aString, checkOptions, describe, type OptionRule } from './options.ts';
import { checkName } from './payload.ts';
import { isSchema, type SchemaInput, type SchemaOutput, type StandardSchema } from './schema.ts';

/** Events by name, each with the schema of its data: any that implements Standard Schema (zod, valibot, arktype, …). */
export type EventDefinitions = Readonly<Record<string, StandardSchema>>;

/** The events of an application, made by {@link defineEvents}. */
export interface EventCatalogue<Definitions extends EventDefinitions = EventDefinitions> {
  /** The schema of each event's data, by the event's name. Frozen. */
  readonly definitions: Definitions;
}

/** The option rule of a catalogue. */
export const aCatalogue: OptionRule = {
  expected: 'a catalogue that defineEvents made',
  accepts: (value) =>
    anObject.accepts(value) && anObject.accepts((value as Partial<EventCatalogue>).definitions),
};

/** The catalogue of whoever has none: every name, and any data. */
export type OpenCatalogue = EventCatalogue<
  Readonly<Record<string, StandardSchema<EventData | null | undefined>>>
>;

/** The names in a catalogue. */
export type EventName<Events extends EventCatalogue> = keyof Events['definitions'] & string;

/** What `track` and callbacks give for an event; its schema may transform it. */
export type EventInput<Events extends EventCatalogue, Name extends string> = Shown<
  SchemaInput<Events['definitions'][Name]>,
  Name,
  string extends EventName<Events> ? true : false
>;

/** What Vero gets for an event. */
export type EventOutput<Events extends EventCatalogue, Name extends string> = SchemaOutput<
  Events['definitions'][Name]
>;

/** The data of an event. Compile errors show this type, and with it the event's name. */
export type DataOf<_Name extends string, Data> = { [Key in keyof Data]: Data[Key] };

/** Stands where data would, and is what a compile error says. */
export type NoData<Name extends string> = `event "${Name}" takes no data`;

type Shown<Data, Name extends string, IsOpen> = IsOpen extends true
  ? Data
  : unknown extends Data // any, too
    ? EventData | null | undefined
    : [Data] extends [undefined]
      ? NoData<Name> | undefined
      : Data extends object
        ? DataOf<Name, Data>
        : Data;

/** Who users are, made by {@link defineIdentity}. */
export interface IdentityDefinition<Schema extends StandardSchema = StandardSchema> {
  /** What holds a user against the definition. */
  readonly schema: Schema;
}

/** The definition of whoever has none: an `id`, and any attributes. */
export type OpenIdentity = IdentityDefinition<StandardSchema<Identity>>;

/** What callbacks and options give as a user. */
export type IdentityInput<User extends IdentityDefinition> = SchemaInput<User['schema']>;

/**
 * The catalogue of an application's events: `createVero({ events })` then knows the names and the data.
 *
 * @example
 * const events = defineEvents({ signed_up: z.object({ plan: z.enum(['free', 'pro']) }), logged_out: event() });
 * @throws {VeroError} `VERO_CONFIG` for a bad name, a definition that is no schema, or two names that are one for Vero
 */
export function defineEvents<const Definitions extends EventDefinitions>(
  definitions: Definitions,
): EventCatalogue<Definitions> {
  if (typeof definitions !== 'object' || definitions === null || Array.isArray(definitions))
    throw wrong(`its argument must be an object of schemas by event name, not ${describe(definitions)}`);
  const folded = new Map<string, string>();
  for (const [name, schema] of Object.entries(definitions)) {
    const issues: EventIssue[] = [];
    checkName(name, issues);
    if (issues[0]) throw wrong(`the name ${JSON.stringify(name.slice(0, 60))} ${issues[0].message}`);
    if (!isSchema(schema)) {
      throw wrong(
        `"${name}" must be a schema that implements Standard Schema (zod, valibot, arktype, …) or event(), not ${describe(schema)}`,
      );
    }
    const key = foldName(name);
    const other = folded.get(key);
    if (other !== undefined)
      throw wrong(
        `"${other}" and "${name}" are one event for Vero, which folds case, spaces and underscores`,
      );
    folded.set(key, name);
  }
  return Object.freeze({ definitions: Object.freeze({ ...definitions }) });
}

/** What is said of an event that no schema describes. */
export interface EventNotes {
  /** For the tracking plan: when it happens, what it is for. @default none */
  readonly description?: string | undefined;
}

/** An event known by its types alone. */
export interface TypedEvent<Data> extends StandardSchema<Data>, EventNotes {}

/**
 * An event known by its types alone: nothing checks its data at run time, beyond what Vero takes. Without a type, an event
 * without data.
 *
 * @example
 * defineEvents({ logged_out: event(), add_to_cart: event<{ item_name: string }>({ description: 'Put into the cart' }) })
 * @throws {VeroError} `VERO_CONFIG` for a bad option
 */
export function event(options?: EventNotes): TypedEvent<undefined>;
export function event<Data extends object>(options?: EventNotes): TypedEvent<Data>;
export function event(options: EventNotes = {}): TypedEvent<unknown> {
  const notes = checkOptions('event', options, { description: aString });
  return { ...notes, '~standard': { version: 1, vendor: 'verotrack', validate: (value) => ({ value }) } };
}

/**
 * The attributes of users: `createVero({ identity })` then knows them, and checks who is given as one. What
 * `attributes.load` adds is not checked.
 *
 * @example
 * const identity = defineIdentity(z.object({ id: z.string(), email: z.email().nullish(), plan: z.enum(['free', 'pro']) }));
 * @throws {VeroError} `VERO_CONFIG` for what is no schema
 */
export function defineIdentity<
  Schema extends StandardSchema<unknown, { readonly id: string | number | bigint }>,
>(schema: Schema): IdentityDefinition<Schema> {
  if (isSchema(schema)) return Object.freeze({ schema });
  throw new VeroError(
    'VERO_CONFIG',
    `defineIdentity: its argument must be a schema that implements Standard Schema, not ${describe(schema)}`,
  );
}

/** A name as Vero compares it (Events API, `event_name`): `Purchased Item` and `purchased_item` are one event. */
function foldName(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_]+/g, '_');
}

function wrong(message: string): VeroError {
  return new VeroError('VERO_CONFIG', `defineEvents: ${message}`);
}
