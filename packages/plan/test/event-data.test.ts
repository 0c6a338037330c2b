import { defineEvents, event } from '@verotrack/core';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type PlannedEvent, toMarkdown, trackingPlan } from '../src/index.ts';

type Schemas = Parameters<typeof defineEvents>[0];

async function planned(schemas: Schemas): Promise<readonly PlannedEvent[]> {
  return (await trackingPlan({ events: defineEvents(schemas) })).events ?? [];
}

/** Each property as `name: type`, with a `?` where it is optional. */
async function typesOf(schema: Schemas[string]): Promise<Record<string, string>> {
  const [only] = await planned({ only: schema });
  const properties = only?.data.properties ?? [];
  return Object.fromEntries(properties.map((each) => [each.name + (each.isRequired ? '' : '?'), each.type]));
}

const expected = {
  text: 'string',
  'count?': 'number',
  plan: "'free' | 'pro'",
  tags: 'string[]',
  either: 'string | number',
  fixed: "'yes'",
  nested: '{ a: number, b?: boolean }',
};

describe('data is told in one way, whichever library says it:', () => {
  it('zod', async () => {
    const schema = z.object({
      text: z.string(),
      count: z.number().optional(),
      plan: z.enum(['free', 'pro']),
      tags: z.array(z.string()),
      either: z.union([z.string(), z.number()]),
      fixed: z.literal('yes'),
      nested: z.object({ a: z.number(), b: z.boolean().optional() }),
    });
    expect(await typesOf(schema)).toEqual(expected);
  });

  it('valibot', async () => {
    const schema = v.object({
      text: v.string(),
      count: v.optional(v.number()),
      plan: v.picklist(['free', 'pro']),
      tags: v.array(v.string()),
      either: v.union([v.string(), v.number()]),
      fixed: v.literal('yes'),
      nested: v.object({ a: v.number(), b: v.optional(v.boolean()) }),
    });
    expect(await typesOf(schema)).toEqual(expected);
  });

  it('arktype', async () => {
    const schema = type({
      text: 'string',
      'count?': 'number',
      plan: "'free' | 'pro'",
      tags: 'string[]',
      either: 'string | number',
      fixed: "'yes'",
      nested: { a: 'number', 'b?': 'boolean' },
    });
    const types = await typesOf(schema);
    expect(types).toEqual({
      ...expected,
      either: expect.stringMatching(/^(string \| number|number \| string)$/),
    });
  });
});

describe('what an event and its data are for is told:', () => {
  it.each([
    ['zod', z.object({ price: z.number().describe('in euros') }).describe('Bought')],
    [
      'valibot',
      v.pipe(v.object({ price: v.pipe(v.number(), v.description('in euros')) }), v.description('Bought')),
    ],
    ['arktype', type({ price: type.number.describe('in euros') }).describe('Bought')],
  ])('%s', async (_library, schema) => {
    const [only] = await planned({ only: schema });
    expect(only).toMatchObject({
      description: 'Bought',
      data: { properties: [{ description: 'in euros' }] },
    });
  });
});

describe('limits are told', () => {
  const limited = {
    count: 'integer (>= 1)',
    code: 'string (at least 2 characters, at most 4 characters)',
    mail: 'string (email)',
  };
  it.each([
    ['zod', z.object({ count: z.int().min(1), code: z.string().min(2).max(4), mail: z.email() })],
    [
      'valibot',
      v.object({
        count: v.pipe(v.number(), v.integer(), v.minValue(1)),
        code: v.pipe(v.string(), v.minLength(2), v.maxLength(4)),
        mail: v.pipe(v.string(), v.email()),
      }),
    ],
    ['arktype', type({ count: 'number.integer >= 1', code: '2 <= string <= 4', mail: 'string.email' })],
  ])('%s', async (_library, schema) => {
    expect(await typesOf(schema)).toEqual(limited);
  });
});

describe('schemas that have less to say', () => {
  it.each([
    ['event()', event(), 'no schema'],
    ['an event without data, of zod', z.undefined(), 'none'],
    ['an event without data, of valibot', v.undefined(), 'none'],
    ['an event without data, of arktype', type('undefined'), 'none'],
    [
      'a union',
      z.union([z.object({ a: z.string() }), z.object({ b: z.number() })]),
      '{ a: string } | { b: number }',
    ],
    ['any object', z.record(z.string(), z.number()), 'Record<string, number>'],
    [
      'one that asks somebody else',
      { '~standard': { version: 1, vendor: 'own', validate: (value: unknown) => ({ value }) } } as const,
      'a schema of own',
    ],
    [
      'one whose library fails',
      {
        '~standard': {
          version: 1,
          vendor: 'own',
          validate: (value: unknown) => ({ value }),
          jsonSchema: {
            input: () => {
              throw new Error('no');
            },
          },
        },
      } as const,
      'a schema of own',
    ],
  ])('are told as far as they do: %s', async (_name, schema, summary) => {
    const [only] = await planned({ only: schema });
    expect(only?.data).toMatchObject({ properties: [], summary });
  });

  it('dates are text, and what JSON does not have is unknown', async () => {
    const types = { at: 'string (date-time)', 'big?': 'unknown' };
    expect(await typesOf(z.object({ at: z.date(), big: z.bigint().optional() }))).toEqual(types);
    expect(await typesOf(v.object({ at: v.date(), big: v.optional(v.bigint()) }))).toEqual(types);
  });

  it('a schema in itself ends', async () => {
    const Node = z.object({
      name: z.string(),
      get nodes() {
        return z.array(Node);
      },
    });
    interface Tree {
      readonly name: string;
      readonly nodes: readonly Tree[];
    }
    const Tree: v.GenericSchema<Tree> = v.object({ name: v.string(), nodes: v.array(v.lazy(() => Tree)) });
    for (const schema of [Node, Tree]) {
      const { nodes } = await typesOf(schema as Schemas[string]);
      expect(nodes).toMatch(/^\{ name: string, nodes: .*\[\]$/);
      expect(nodes?.length).toBeLessThan(500);
    }
  });

  it('the rest of valibot is told where it can be', async () => {
    const schema = v.strictObject({
      nullish: v.nullish(v.string()),
      nullable: v.nullable(v.pipe(v.string(), v.description('a name'))),
      exact: v.exactOptional(v.string()),
      kind: v.enum({ a: 'a', b: 'b' }),
      variant: v.variant('k', [v.object({ k: v.literal('x') }), v.object({ k: v.literal('y') })]),
      both: v.intersect([v.object({ a: v.string() }), v.object({ b: v.string() })]),
      pair: v.tuple([v.string(), v.number()]),
      counts: v.record(v.string(), v.number()),
      unions: v.array(v.union([v.string(), v.number()])),
      parsed: v.pipe(v.string(), v.transform(Number), v.minValue(1)),
      list: v.pipe(v.array(v.string()), v.minLength(1)),
    });
    expect(await typesOf(schema)).toEqual({
      'nullish?': 'string | null',
      nullable: 'string | null',
      'exact?': 'string',
      kind: "'a' | 'b'",
      variant: "{ k: 'x' } | { k: 'y' }",
      both: '{ a: string } & { b: string }',
      pair: '[string, number]',
      counts: 'Record<string, number>',
      unions: '(string | number)[]',
      parsed: 'string',
      list: 'string[] (at least 1)',
    });
  });

  it('definitions that a schema shares are told where they stand', async () => {
    const Point = z.object({ x: z.number() }).meta({ id: 'PlanPoint' });
    expect(await typesOf(z.object({ from: Point, to: Point.optional() }))).toEqual({
      from: '{ x: number }',
      'to?': '{ x: number }',
    });
  });
});

it('nothing that a schema says breaks the Markdown', async () => {
  const events = defineEvents({
    odd: z
      .object({ 'a|b': z.enum(['x|y', '`']).describe('one | two <br> [link](x) `code`\nnext *line*') })
      .describe('| a \\ cell |'),
  });
  const markdown = toMarkdown(await trackingPlan({ events, title: 'A <b>title</b>' }));
  const row = markdown.split('\n').find((line) => line.includes('odd'));
  // Three cells, whatever is in them.
  expect(row?.split(/(?<!\\)\|/)).toHaveLength(5);
  expect(row).toContain('one \\| two \\<br> \\[link\\](x) \\`code\\` next \\*line\\*');
  expect(markdown).toMatch(/^# A \\<b>title\\<\/b>\n/);
});
