import type { JsonSchema } from './plan.ts';

/** Schemas in schemas, or in themselves, are told no deeper than this. */
const MAX_DEPTH = 6;
/** What libraries write where there is no limit. */
const isNoLimit = (limit: unknown): boolean => Math.abs(Number(limit)) >= Number.MAX_SAFE_INTEGER;

/** A JSON Schema in the way of TypeScript: `'free' | 'pro'`, `{ name: string, tags?: string[] }`, `integer (>= 1)`. */
export function typeText(schema: unknown, root: JsonSchema, depth = 0): string {
  if (schema === false) return 'never';
  if (!isObject(schema)) return 'unknown';
  if (depth > MAX_DEPTH) return '…';
  const inner = (each: unknown): string => typeText(each, root, depth + 1);
  const { $ref, const: only, enum: values, anyOf, oneOf, allOf, type } = schema;
  if (typeof $ref === 'string') return inner(referred($ref, root));
  if ('const' in schema) return literal(only);
  if (Array.isArray(values)) return union(values.map(literal));
  const alternatives = anyOf ?? oneOf;
  if (Array.isArray(alternatives)) return union(alternatives.map(inner));
  if (Array.isArray(allOf)) return allOf.map(inner).map(grouped).join(' & ');
  if (Array.isArray(type)) return union(type.map((each) => inner({ ...schema, type: each })));
  if (type === 'array') return arrayText(schema, inner) + limits(schema);
  if (type === 'object') return objectText(schema, inner);
  return typeof type === 'string' ? type + limits(schema) : 'unknown';
}

/** What a `$ref` within a schema stands for. */
export function referred($ref: string, root: JsonSchema): unknown {
  const [, name] = /^#\/(?:\$defs|definitions)\/(.+)$/.exec($ref) ?? [];
  const definitions = (root.$defs ?? root.definitions) as JsonSchema | undefined;
  return name === undefined ? ($ref === '#' ? root : undefined) : definitions?.[decodeURIComponent(name)];
}

export function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ');
}

function grouped(type: string): string {
  return / [|&(] ?/.test(type) && !type.startsWith('{') ? `(${type})` : type;
}

function arrayText({ prefixItems, items }: JsonSchema, inner: (schema: unknown) => string): string {
  if (Array.isArray(prefixItems)) return `[${prefixItems.map(inner).join(', ')}]`;
  return `${grouped(inner(items ?? {}))}[]`;
}

function objectText(schema: JsonSchema, inner: (schema: unknown) => string): string {
  const { properties, required, additionalProperties } = schema;
  if (!isObject(properties) || Object.keys(properties).length === 0) {
    return isObject(additionalProperties) ? `Record<string, ${inner(additionalProperties)}>` : 'object';
  }
  const isRequired = (name: string): boolean => Array.isArray(required) && required.includes(name);
  const members = Object.entries(properties).map(
    ([name, each]) => `${name}${isRequired(name) ? '' : '?'}: ${inner(each)}`,
  );
  return `{ ${members.join(', ')} }`;
}

const LIMITS: Readonly<Record<string, (limit: unknown) => string>> = {
  format: (format) => String(format),
  minimum: (limit) => `>= ${limit}`,
  exclusiveMinimum: (limit) => `> ${limit}`,
  maximum: (limit) => `<= ${limit}`,
  exclusiveMaximum: (limit) => `< ${limit}`,
  multipleOf: (step) => `a multiple of ${step}`,
  minLength: (length) => `at least ${length} characters`,
  maxLength: (length) => `at most ${length} characters`,
  minItems: (count) => `at least ${count}`,
  maxItems: (count) => `at most ${count}`,
};

/** A format says what its pattern would, in a way that stays. */
function limits(schema: JsonSchema): string {
  const isTuple = 'prefixItems' in schema;
  const told = Object.entries(LIMITS)
    .filter(([name]) => schema[name] !== undefined && !isNoLimit(schema[name]) && !isTuple)
    .map(([name, say]) => say(schema[name]));
  if (schema.pattern !== undefined && schema.format === undefined) told.push(`/${schema.pattern}/`);
  return told.length === 0 ? '' : ` (${told.join(', ')})`;
}
