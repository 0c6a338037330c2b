import { createVero, defineEvents, event } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type TrackingPlan, toJson, toMarkdown, trackingPlan } from '../src/index.ts';
import { jsonDifferences, markdownDifferences } from '../src/plan-differences.ts';

interface Shop {
  readonly name?: string;
  readonly route?: string;
  readonly price?: z.ZodType;
  readonly when?: () => boolean;
  readonly where?: string;
}

async function shop({
  name = 'add_to_cart',
  route = 'POST /cart',
  price = z.number(),
  when,
  where,
}: Shop = {}): Promise<TrackingPlan> {
  const events = defineEvents({ [name]: z.object({ item: z.string(), price }), logged_out: event() });
  const vero = createVero({ enabled: false });
  const { trackEvent } = expressTracking(vero);
  trackEvent(name, { route, when });
  trackEvent('logged_out');
  trackEvent('logged_out', { on: 'handled' });
  return await trackingPlan({
    events,
    vero,
    root: import.meta.dirname,
    ...(where ? { trackedInCode: { [name]: where } } : {}),
  });
}

const formats = [
  { format: 'Markdown', write: toMarkdown, differences: markdownDifferences },
  { format: 'JSON', write: toJson, differences: jsonDifferences },
];

describe.each(formats)('against a plan in $format', ({ write, differences }) => {
  const changes = async (before: Shop, after: Shop) =>
    differences(write(await shop(before)), await shop(after)).filter((line) => !line.includes('JSON Schema'));

  it('the same code has no differences', async () => {
    expect(await changes({}, {})).toEqual([]);
  });

  it('a renamed event is one less and one more, and so are its routes', async () => {
    expect(await changes({}, { name: 'added_to_cart' })).toEqual([
      '- route express, POST /cart, add_to_cart',
      '- event add_to_cart',
      '+ route express, POST /cart, added_to_cart',
      '+ event added_to_cart',
    ]);
  });

  it('another route is told', async () => {
    expect(await changes({}, { route: 'PUT /cart' })).toEqual([
      '- route express, POST /cart, add_to_cart',
      '+ route express, PUT /cart, add_to_cart',
    ]);
  });

  it('another condition is told', async () => {
    expect(await changes({}, { when: () => true })).toEqual([
      '~ route express, POST /cart, add_to_cart: Conditions',
      '    - (nothing)',
      '    + when',
    ]);
  });

  it('a property of another type is told, and only it', async () => {
    expect(await changes({}, { price: z.int().min(1).describe('in cents | euros') })).toEqual([
      '~ event add_to_cart: Data',
      '    - price: number',
      '    + price: integer (>= 1) (in cents | euros)',
    ]);
  });

  it('another place in the code is told', async () => {
    expect(await changes({ where: 'jobs' }, { where: 'services' })).toEqual([
      '~ tracked in code: add_to_cart: Where',
      '    - jobs',
      '    + services',
    ]);
  });

  it('an event that nothing emits any more is told', async () => {
    const events = defineEvents({ gone: event() });
    const vero = createVero({ enabled: false });
    const after = await trackingPlan({ events, vero });
    expressTracking(vero).trackEvent('gone', { route: 'GET /' });
    const before = await trackingPlan({ events, vero });
    expect(differences(write(before), after)).toEqual([
      '- route express, GET /, gone',
      '+ nothing emits gone',
    ]);
  });
});

it('the layout of Markdown, and words around it, do not count', async () => {
  const plan = await shop();
  const formatted = toMarkdown(plan)
    .replaceAll('|---', '| :----------- ')
    .replaceAll(' | ', '      |    ')
    .replaceAll('\n', '\r\n')
    .replace('## Events', 'Words of ours:\r\n\r\n- and a list\r\n\r\n## Events');
  expect(markdownDifferences(formatted, plan)).toEqual([]);
});

it('a schema that changes beyond what its types say is a difference of the JSON', async () => {
  const kept = JSON.parse(toJson(await shop()));
  kept.events[0].data.schema.additionalProperties = false;
  expect(jsonDifferences(JSON.stringify(kept), await shop())).toEqual(['~ event add_to_cart: JSON Schema']);
});

it.each([
  ['', 'JSON'],
  ['{}', 'version'],
  ['[]', 'version'],
  ['null', 'version'],
  ['{"version":2}', 'version'],
  ['{"version":1}', 'lacks parts of a plan'],
])('what is no plan can not be compared: %s', async (kept, message) => {
  const plan = await shop();
  expect(() => jsonDifferences(kept, plan)).toThrow(message);
});

it('routes without a label that change places in their file are the same', async () => {
  const planOf = async (...conditions: ('handled' | 'response')[]) => {
    const vero = createVero({ enabled: false });
    for (const on of conditions) expressTracking(vero).trackEvent('viewed', { on });
    return await trackingPlan({ vero });
  };
  const kept = toMarkdown(await planOf('handled', 'response'));
  expect(markdownDifferences(kept, await planOf('response', 'handled'))).toEqual([]);
});

it('a file that is no plan lacks everything', async () => {
  const differences = markdownDifferences('# Something else\n\n- a list', await shop());
  expect(differences).toContain('+ event add_to_cart');
  expect(differences.filter((line) => line.startsWith('-'))).toEqual([]);
});
