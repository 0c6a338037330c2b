import type { EventCatalogue } from '@verotrack/core';
import type { JsonSchema, PlannedEvent, PlannedProperty } from './plan.ts';
import { isObject, referred, typeText } from './type-text.ts';
import { valibotJsonSchema } from './valibot-schema.ts';

type EventSchema = EventCatalogue['definitions'][string];

/** What a schema's `~standard` has where its library follows Standard JSON Schema. */
interface JsonSchemaSource {
  readonly jsonSchema?: {
    readonly input?: (options: { readonly target: string; readonly libraryOptions?: object }) => JsonSchema;
  };
}

/** An event of the catalogue, read from its schema. */
export function planEvent(name: string, schema: EventSchema): PlannedEvent {
  const { vendor } = schema['~standard'];
  if (vendor === 'verotrack')
    return { name, ...describedBy(schema), data: { properties: [], summary: 'no schema' } };
  if (takesNone(schema)) return { name, data: { properties: [], summary: 'none' } };
  const json = jsonSchemaOf(schema);
  // Before 4.2, zod has descriptions, and no JSON Schema; arktype makes up its own.
  const described = vendor === 'zod' ? describedBy(schema) : {};
  if (!json) return { name, ...described, data: { properties: [], summary: `a schema of ${vendor}` } };
  const properties = propertiesOf(json);
  return {
    name,
    ...describedBy(json),
    data: {
      properties: properties ?? [],
      ...(properties ? {} : { summary: typeText(json, json) }),
      schema: json,
    },
  };
}

/** `z.undefined()`, say, for which JSON Schema has no words. */
function takesNone(schema: EventSchema): boolean {
  const accepts = (value: unknown): boolean => {
    const result = schema['~standard'].validate(value);
    return !(result instanceof Promise) && !result.issues;
  };
  try {
    return accepts(undefined) && !accepts({}) && !accepts(null);
  } catch {
    return false;
  }
}

function propertiesOf(schema: JsonSchema): PlannedProperty[] | undefined {
  const resolved = typeof schema.$ref === 'string' ? referred(schema.$ref, schema) : schema;
  if (!isObject(resolved) || resolved.type !== 'object' || !isObject(resolved.properties)) return undefined;
  const required = Array.isArray(resolved.required) ? resolved.required : [];
  return Object.entries(resolved.properties).map(([name, property]) => {
    return {
      name,
      type: typeText(property, schema),
      isRequired: required.includes(name),
      ...describedBy(property),
    };
  });
}

function describedBy(schema: unknown): { description?: string } {
  const description = isObject(schema) ? schema.description : undefined;
  return typeof description === 'string' ? { description } : {};
}

function jsonSchemaOf(schema: EventSchema): JsonSchema | undefined {
  const standard = schema['~standard'] as JsonSchemaSource & { readonly vendor: string };
  try {
    if (standard.vendor === 'valibot') return valibotJsonSchema(schema);
    if (typeof standard.jsonSchema?.input !== 'function') return undefined;
    const libraryOptions = standard.vendor === 'zod' ? ZOD_OPTIONS : undefined;
    const { $schema: _, ...json } = standard.jsonSchema.input({
      target: 'draft-2020-12',
      ...(libraryOptions ? { libraryOptions } : {}),
    });
    return json;
  } catch {
    // A schema that JSON Schema has no words for.
    return undefined;
  }
}

interface ZodNode {
  readonly zodSchema: { readonly _zod?: { readonly def?: { readonly type?: string } } };
  readonly jsonSchema: Record<string, unknown>;
}

/** JSON has no dates, and zod would refuse: the event has them as text. */
const ZOD_OPTIONS = {
  unrepresentable: 'any',
  override: ({ zodSchema, jsonSchema }: ZodNode): void => {
    if (zodSchema._zod?.def?.type === 'date')
      Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
  },
};
