import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type EventIssue, messageOf } from './errors.ts';
import { containRejection, isThenable } from './within.ts';

const MAX_ISSUES = 20;

/** What a schema made of a value, or what is wrong with it. */
export interface SchemaResult {
  readonly value: unknown;
  readonly issues: readonly EventIssue[];
}

/** Whether something implements Standard Schema, version 1. Arktype's schemas are functions. */
export function isSchema(value: unknown): value is StandardSchemaV1 {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard: unknown = (value as Partial<StandardSchemaV1>)['~standard'];
  return typeof (standard as Partial<StandardSchemaV1.Props> | undefined)?.validate === 'function';
}

/** Asks a schema. Never throws; issues have their path below `path`. */
export function validate(schema: StandardSchemaV1, value: unknown, path: string): SchemaResult {
  const refuse = (message: string): SchemaResult => ({ value, issues: [{ path, message }] });
  try {
    const result = schema['~standard'].validate(value);
    if (isThenable(result)) {
      containRejection(result, () => undefined);
      return refuse(
        'its schema answers with a promise; an event is checked at once, so use a schema without async parts',
      );
    }
    if (!result.issues) return { value: result.value, issues: [] };
    return { value, issues: result.issues.slice(0, MAX_ISSUES).map((issue) => fromSchema(issue, path)) };
  } catch (thrown) {
    return {
      value,
      issues: [{ path, message: `its schema failed: ${messageOf(thrown)}`, isFromSchema: true }],
    };
  }
}

function fromSchema({ message, path = [] }: StandardSchemaV1.Issue, root: string): EventIssue {
  // Not `path.map`: arktype's paths are a class of arrays whose copies are not what they seem.
  const keys = Array.from(path, (segment) => (typeof segment === 'object' ? segment.key : segment));
  const below = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return { path: root + below, message, isFromSchema: true };
}
