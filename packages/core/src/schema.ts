import { type EventIssue, messageOf } from './errors.ts';
import { keyPath, MAX_DEPTH, MAX_ISSUES } from './plain-json.ts';
import { containRejection, isThenable } from './within.ts';

/**
 * A schema that implements Standard Schema, version 1 (https://standardschema.dev): of zod, valibot, arktype and many others.
 * Written out here, as the standard suggests, so that what an application exports can be named by its declarations.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** What the standard asks of a schema. */
  readonly '~standard': StandardSchemaProps<Input, Output>;
}

/** What a schema says of itself, and how it is asked. */
export interface StandardSchemaProps<Input, Output> {
  /** The version of the standard. */
  readonly version: 1;
  /** The library that the schema is of, for example `zod`. */
  readonly vendor: string;
  /** For types only. */
  readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  /** Checks a value. Events are checked at once, so one that gives a promise makes them invalid. */
  readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
}

/** What a schema makes of a value: the value, as it transformed it, or what is wrong. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One thing that a schema finds wrong. */
export interface StandardIssue {
  /** What is wrong. It may quote the value. */
  readonly message: string;
  /** Where in the value, from the outside in. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema takes. */
export type SchemaInput<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['input'];

/** What a schema gives. */
export type SchemaOutput<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['output'];

/** What a schema made of a value, or what is wrong with it. */
export interface SchemaResult {
  readonly value: unknown;
  readonly issues: readonly EventIssue[];
}

/** Whether something implements Standard Schema, version 1. Arktype's schemas are functions. */
export function isSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return typeof (value as Partial<StandardSchema>)['~standard']?.validate === 'function';
  } catch {
    // What can't be read is no schema.
    return false;
  }
}

/** Asks a schema. Never throws; issues have their path below `path`. */
export function validate(schema: StandardSchema, value: unknown, path: string): SchemaResult {
  const refuse = (message: string): SchemaResult => ({ value, issues: [{ path, message }] });
  try {
    const result = schema['~standard'].validate(value);
    if (isThenable(result)) {
      containRejection(result, () => undefined);
      return refuse(
        'its schema answers with a promise; an event is checked at once, so use a schema without async parts',
      );
    }
    const { issues } = result;
    if (issues?.length)
      // Not `map`: arktype's issues are a class of arrays, and their copies would be, too.
      return { value, issues: Array.from(issues.slice(0, MAX_ISSUES), (issue) => fromSchema(issue, path)) };
    if (issues || !('value' in result)) return refuse('its schema answers with neither a value nor an issue');
    return { value: result.value, issues: [] };
  } catch (thrown) {
    return {
      value,
      issues: [{ path, message: `its schema failed: ${messageOf(thrown)}`, isFromSchema: true }],
    };
  }
}

function fromSchema({ message, path = [] }: StandardIssue, root: string): EventIssue {
  // Not `path.map`: arktype's paths are a class of arrays whose copies are not what they seem.
  const keys = Array.from(path, (segment) => (typeof segment === 'object' ? segment.key : segment));
  const below = keys
    .slice(0, MAX_DEPTH)
    .reduce<string>(
      (at, key) => (typeof key === 'number' ? `${at}[${key}]` : keyPath(at, String(key))),
      root,
    );
  return { path: below, message: messageOf(message), isFromSchema: true };
}
