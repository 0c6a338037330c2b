import type { JsonSchema } from './plan.ts';
import { isObject } from './type-text.ts';

/** The parts of valibot's schemas that are read. */
interface ValibotSchema {
  readonly type: string;
  readonly entries?: Readonly<Record<string, ValibotSchema>>;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly item?: ValibotSchema;
  readonly items?: readonly ValibotSchema[];
  readonly value?: ValibotSchema;
  readonly wrapped?: ValibotSchema;
  readonly getter?: (input: undefined) => ValibotSchema;
  readonly pipe?: readonly ValibotAction[];
}

interface ValibotAction {
  readonly kind: string;
  readonly type: string;
  readonly requirement?: unknown;
  readonly description?: string;
}

const OPTIONAL = new Set(['optional', 'exact_optional', 'nullish', 'undefinedable']);
const NULLABLE = new Set(['nullish', 'nullable']);
const PLAIN = new Set(['string', 'number', 'boolean', 'null']);
const FORMATS = new Set(['email', 'url', 'uuid', 'ulid', 'iso_date', 'iso_timestamp']);
const LIMITS: Readonly<Record<string, string>> = {
  min_value: 'minimum',
  gt_value: 'exclusiveMinimum',
  max_value: 'maximum',
  lt_value: 'exclusiveMaximum',
  min_length: 'minLength',
  max_length: 'maxLength',
};

/** Deeper than this, a schema is taken for one that holds itself. */
const MAX_DEPTH = 8;

/**
 * A valibot schema as JSON Schema. Valibot's own converter is a package of its own: a plan must not depend on whether it is
 * installed, so the common schemas are read here, and of others it is only said that there is one.
 */
export function valibotJsonSchema(schema: object, depth = 0): JsonSchema {
  const { pipe = [], ...read } = schema as ValibotSchema;
  const described: Record<string, unknown> = depth > MAX_DEPTH ? {} : { ...bare(read, depth) };
  for (const { kind, type, requirement, description } of pipe) {
    // What comes after is about what the data was made into.
    if (kind === 'transformation') break;
    if (kind === 'metadata' && type === 'description') described.description = description;
    if (kind !== 'validation') continue;
    if (type === 'integer' || type === 'safe_integer') described.type = 'integer';
    const limit = LIMITS[type];
    const isOfList = described.type === 'array';
    if (limit) described[isOfList ? limit.replace('Length', 'Items') : limit] = requirement;
    if (FORMATS.has(type)) described.format = type.replace('iso_timestamp', 'date-time').replace('iso_', '');
  }
  return described;
}

function bare(schema: ValibotSchema, depth: number): JsonSchema {
  const { type, entries, options, literal, item, items, value, wrapped, getter } = schema;
  const inner = (each: unknown): JsonSchema => (isObject(each) ? valibotJsonSchema(each, depth + 1) : {});
  if (PLAIN.has(type)) return { type };
  if (entries) {
    const properties = Object.fromEntries(Object.entries(entries).map(([name, each]) => [name, inner(each)]));
    const required = Object.keys(entries).filter((name) => !OPTIONAL.has(entries[name]?.type ?? ''));
    return { type: 'object', properties, required };
  }
  if (wrapped) return NULLABLE.has(type) ? orNull(inner(wrapped)) : inner(wrapped);
  if (type === 'literal') return { const: literal };
  if (type === 'date') return { type: 'string', format: 'date-time' };
  if (type === 'picklist' || type === 'enum') return { enum: options };
  if (type === 'union' || type === 'variant') return { anyOf: options?.map(inner) };
  if (type === 'intersect') return { allOf: options?.map(inner) };
  if (item) return { type: 'array', items: inner(item) };
  if (items) return { type: 'array', prefixItems: items.map(inner) };
  if (type === 'record') return { type: 'object', additionalProperties: inner(value) };
  if (getter) return inner(getter(undefined));
  return {};
}

function orNull({ description, ...schema }: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }], ...(description === undefined ? {} : { description }) };
}
