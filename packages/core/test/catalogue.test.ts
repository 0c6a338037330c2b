import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  createVero,
  defineEvents,
  defineIdentity,
  event,
  InvalidEventError,
  type OpenCatalogue,
} from '../src/index.ts';
import { JANE, makeSendingClient } from './clients.ts';
import {
  arktype21Events,
  arktypeEvents,
  valibot10Events,
  valibotEvents,
  zod40Events,
  zodEvents,
} from './schemas.ts';

/** A catalogue whose one schema has this answer to everything. */
function answering(answer: object) {
  const odd = { '~standard': { version: 1, vendor: 'test', validate: () => answer as never } } as const;
  return defineEvents({ odd });
}

function unreadable(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const libraries: Readonly<Record<string, OpenCatalogue>> = {
  'zod 4.6': zodEvents,
  'zod 4.0': zod40Events,
  'valibot 1.5': valibotEvents,
  'valibot 1.0': valibot10Events,
  'arktype 2.2': arktypeEvents,
  'arktype 2.1': arktype21Events,
};

describe.each(Object.entries(libraries))('a catalogue of %s', (_library, events) => {
  it('lets through what fits', async () => {
    const { vero, sent } = makeSendingClient({ events });
    vero.track('signed_up', { identity: JANE, data: { plan: 'pro', tags: [{ text: 'a' }] } });
    vero.track('logged_out', { identity: JANE });
    await vero.flush();
    expect(sent).toMatchObject([
      { event_name: 'signed_up', data: { plan: 'pro', tags: [{ text: 'a' }] } },
      { event_name: 'logged_out' },
    ]);
    expect(sent[1]).not.toHaveProperty('data');
  });

  it('refuses what does not, with the path of each issue', () => {
    const { vero, told } = makeSendingClient({ events });
    vero.track('signed_up', { identity: JANE, data: { plan: 'gold' } });
    vero.track('signed_up', { identity: JANE, data: { plan: 'pro', tags: [{ text: 'a' }, { text: 7 }] } });
    vero.track('signed_up', { identity: JANE });
    const paths = told.invalid.map(({ error }) => error.issues.map(({ path }) => path));
    expect(paths).toEqual([['data.plan'], ['data.tags[1].text'], ['data']]);
    expect(vero.stats()).toMatchObject({ accepted: 0, invalid: 3 });
  });

  it('tells what the schema said, and logs no value that it may have quoted', () => {
    const { vero, told } = makeSendingClient({ events });
    vero.track('signed_up', { identity: JANE, data: { plan: 'jane@example.com' } });
    const [invalid] = told.invalid;
    expect(invalid?.error.issues[0]?.message).toMatch(/free/);
    expect(invalid?.error.message).toBe(
      `Invalid event "signed_up": data.plan: does not fit its schema (the error's issues say why)`,
    );
  });
});

describe('a catalogue', () => {
  const events = defineEvents({
    ordered: z.object({ total: z.coerce.number(), at: z.date().transform((date) => date.getTime()) }),
    viewed: z.object({ page: z.string() }).optional(),
    free: event<{ anything: number }>(),
  });

  it('sends what the schema made of the data, and not what it does not know', async () => {
    const { vero, sent } = makeSendingClient({ events });
    vero.track('ordered', { identity: JANE, data: { total: '12', at: new Date(5), card: '4111' } });
    await vero.flush();
    expect(sent).toMatchObject([{ data: { total: 12, at: 5 } }]);
    expect(sent[0]?.data).not.toHaveProperty('card');
  });

  it('takes no data where the schema wants none', async () => {
    const { vero, sent } = makeSendingClient({ events });
    vero.track('viewed', { identity: JANE });
    vero.track('free', { identity: JANE, data: { anything: 'goes' } });
    await vero.flush();
    expect(sent).toMatchObject([
      { event_name: 'viewed' },
      { event_name: 'free', data: { anything: 'goes' } },
    ]);
  });

  it('still refuses what Vero would refuse', () => {
    const { vero, told } = makeSendingClient({ events });
    vero.track('free', { identity: JANE, data: { anything: 7n } });
    expect(told.invalid[0]?.error.issues).toMatchObject([{ path: 'data.anything' }]);
  });

  it('refuses a name that is not in it, and says which one may be meant', () => {
    const { vero, told } = makeSendingClient({ events });
    vero.track('orderd', { identity: JANE });
    vero.track('toString', { identity: JANE });
    vero.track('constructor', { identity: JANE });
    expect(told.invalid.map(({ error }) => error.message)).toEqual([
      'Invalid event "orderd": name: is not in the catalogue. Did you mean "ordered"?',
      'Invalid event "toString": name: is not in the catalogue',
      'Invalid event "constructor": name: is not in the catalogue',
    ]);
  });

  it('is asked when the event is tracked, not when its scope has ended', async () => {
    const { vero, sent } = makeSendingClient({ events });
    const data = { total: 1, at: new Date(5) };
    vero.run({ identity: JANE }, () => {
      vero.trackOnSuccess('ordered', { data });
      data.total = 2;
    });
    await vero.flush();
    expect(sent).toMatchObject([{ data: { total: 1, at: 5 } }]);
  });

  it('comes before beforeAccept', async () => {
    const seen: unknown[] = [];
    const { vero } = makeSendingClient({
      events,
      beforeAccept: (pending) => {
        seen.push(pending.data);
        return pending;
      },
    });
    vero.track('ordered', { identity: JANE, data: { total: '7', at: new Date(0) } });
    vero.track('ordered', { identity: JANE, data: { total: 'x', at: new Date(0) } });
    expect(seen).toEqual([{ total: 7, at: 0 }]);
  });

  it('makes send reject', async () => {
    const { vero } = makeSendingClient({ events });
    const error = await vero
      .send('ordered', { identity: JANE, data: { total: 'x' } })
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(InvalidEventError);
    expect(error.issues.map(({ path }: { path: string }) => path)).toEqual(['data.total', 'data.at']);
    expect(vero.stats().invalid).toBe(1);
  });

  it('refuses a schema that answers with a promise, whatever comes of it', async () => {
    const later = z.object({ id: z.string() }).refine(async ({ id }) => id !== 'taken');
    const failing = {
      '~standard': { version: 1, vendor: 'test', validate: () => Promise.reject(new Error('later')) },
    } as const;
    const { vero, told } = makeSendingClient({ events: defineEvents({ later, failing }) });
    vero.track('later', { identity: JANE, data: { id: 'a' } });
    vero.track('failing', { identity: JANE, data: {} });
    await vero.flush();
    for (const { error } of told.invalid) {
      expect(error.message).toMatch(/data: its schema answers with a promise; an event is checked at once/);
    }
    expect(told.invalid).toHaveLength(2);
  });

  it('contains a schema that throws', () => {
    const throwing = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => {
          throw new Error('out of order: 4111');
        },
      },
    } as const;
    const { vero, told } = makeSendingClient({ events: defineEvents({ throwing }) });
    vero.track('throwing', { identity: JANE });
    expect(told.invalid[0]?.error.issues).toMatchObject([
      { path: 'data', message: 'its schema failed: out of order: 4111' },
    ]);
    expect(told.invalid[0]?.error.message).not.toContain('4111');
  });

  it.each([
    ['nothing at all', {}],
    ['issues, but none', { issues: [] }],
  ])('refuses an event whose schema answers with %s', (_what, answer) => {
    const { vero, told } = makeSendingClient({ events: answering(answer) });
    vero.track('odd', { identity: JANE, data: { a: 1 } });
    expect(told.invalid.map(({ error }) => error.issues)).toEqual([
      [{ path: 'data', message: 'its schema answers with neither a value nor an issue' }],
    ]);
  });

  it('writes the path of a schema as its own, whatever the keys are', () => {
    const paths = [['a b', { key: 'c' }, 3], [Symbol('d')], ['e'.repeat(1_000)], Array(1_000).fill('f')];
    const { vero, told } = makeSendingClient({
      events: answering({ issues: paths.map((path) => ({ message: { of: 'no text' }, path })) }),
    });
    vero.track('odd', { identity: JANE });
    expect(told.invalid[0]?.error.issues).toEqual(
      ['data["a b"].c[3]', 'data["Symbol(d)"]', `data["${'e'.repeat(80)}…"]`, `data${'.f'.repeat(64)}`].map(
        (path) => ({ path, message: '[object Object]', isFromSchema: true }),
      ),
    );
  });

  it('tells of no more issues than anybody reads', () => {
    const many = defineEvents({ many: z.object({ list: z.array(z.number()) }) });
    const { vero, told } = makeSendingClient({ events: many });
    vero.track('many', { identity: JANE, data: { list: Array(1_000).fill('x') } });
    expect(told.invalid[0]?.error.issues).toHaveLength(20);
  });
});

describe("onInvalid: 'send'", () => {
  it('sends the event as it was given, and tells of it without its values', async () => {
    const { vero, sent, told } = makeSendingClient({ events: valibotEvents, onInvalid: 'send' });
    vero.track('signed_up', { identity: JANE, data: { plan: 'secret-plan', more: 1 } });
    vero.track('unheard_of', { identity: JANE });
    await vero.flush();
    expect(sent).toMatchObject([
      { event_name: 'signed_up', data: { plan: 'secret-plan', more: 1 } },
      { event_name: 'unheard_of' },
    ]);
    expect(told.error.map(({ error, name }) => [error.code, name])).toEqual([
      ['VERO_NOT_IN_CATALOGUE', 'signed_up'],
      ['VERO_NOT_IN_CATALOGUE', 'unheard_of'],
    ]);
    expect(told.error[0]?.error.message).toMatch(
      /^Not refused \(onInvalid: 'send'\)\. .* data\.plan: does not fit its schema/,
    );
    expect(told.error[0]?.error.message).not.toContain('secret-plan');
    expect((told.error[0]?.error.cause as InvalidEventError | undefined)?.issues).toMatchObject([
      { path: 'data.plan' },
    ]);
    expect(vero.stats()).toMatchObject({ invalid: 0, delivered: 2 });
  });

  it('says only that nothing was refused, since an event may still not be sent', () => {
    const { vero, told } = makeSendingClient({ events: zodEvents, onInvalid: 'send' });
    vero.track('signed_up', { data: {} });
    expect(told.skipped).toMatchObject([{ reason: 'no-identity' }]);
    expect(told.error[0]?.error.message).not.toMatch(/sent as it is/i);
  });

  it('still refuses what Vero would refuse', () => {
    const { vero } = makeSendingClient({ events: zodEvents, onInvalid: 'send' });
    vero.track('signed_up', { identity: JANE, data: { plan: () => 'pro' } });
    vero.track(' ', { identity: JANE });
    expect(vero.stats()).toMatchObject({ invalid: 2, accepted: 0 });
  });
});

describe('defineEvents', () => {
  const define = defineEvents as (definitions: unknown) => unknown;

  it.each([
    ['case', 'Purchased', 'purchased'],
    ['spaces', 'purchased item', 'purchased_item'],
    ['all of them', 'Purchased  Item', 'purchased_item'],
  ])('refuses two names that Vero folds into one by %s', (_what, one, other) => {
    expect(() => define({ [one]: event(), [other]: event() })).toThrow(
      `defineEvents: "${one}" and "${other}" are one event for Vero`,
    );
  });

  it('refuses a name that Vero would refuse', () => {
    expect(() => define({ ' ': event() })).toThrow('defineEvents: the name " " must not be empty');
    expect(() => define({ ['x'.repeat(255)]: event() })).toThrow(
      /the name "x{60}" must be under 255 characters/,
    );
  });

  it.each([
    ['a string', 'string'],
    ['an object', {}],
    ['null', null],
    ['undefined', undefined],
    ['an object', { '~standard': null }],
    ['an object', unreadable()],
  ])('refuses %s where a schema should be', (what, schema) => {
    expect(() => define({ signed_up: schema })).toThrow(
      `defineEvents: "signed_up" must be a schema that implements Standard Schema (zod, valibot, arktype, …) or event(), not ${what}`,
    );
  });

  it.each([undefined, null, 'x', []])('refuses %j as definitions', (definitions) => {
    expect(() => define(definitions)).toThrow('must be an object of schemas by event name');
  });

  it('takes what is said of an event for the plan', () => {
    const { definitions } = defineEvents({ left: event({ description: 'A user left us' }) });
    expect(definitions.left.description).toBe('A user left us');
    expect(() => event({ descripton: 'x' } as never)).toThrow('event: unknown option "descripton"');
    expect(() => event({ description: '' })).toThrow('event: option "description" must be a string');
  });

  it('keeps what it was given, whatever becomes of that', () => {
    const given: Record<string, StandardSchemaV1> = { a: event() };
    const { definitions } = defineEvents(given);
    given.b = event();
    expect(Object.keys(definitions)).toEqual(['a']);
    expect(Object.isFrozen(definitions)).toBe(true);
  });

  it('is what createVero takes, and nothing else', () => {
    const make = (events: unknown) => () =>
      createVero({ authToken: 'tok_secret_x', events: events as never });
    expect(make({ signed_up: event() })).toThrow(
      'createVero: option "events" must be a catalogue that defineEvents made, not an object',
    );
  });
});

describe('defineIdentity', () => {
  const identity = defineIdentity(
    z.object({ id: z.number().transform(String), plan: z.enum(['free', 'pro']), email: z.email().nullish() }),
  );

  it('checks and transforms who events belong to, in a scope and in an event', async () => {
    const { vero, sent } = makeSendingClient({ identity });
    vero.track('own', { identity: { id: 7, plan: 'pro', other: 1 } });
    vero.run({ identity: { id: 8, plan: 'free' } }, () => vero.track('scope'));
    await vero.flush();
    expect(sent.map((body) => body.identity)).toEqual([
      { id: '7', plan: 'pro' },
      { id: '8', plan: 'free' },
    ]);
  });

  it('refuses a user who does not fit, with the path of each issue', () => {
    const { vero, told } = makeSendingClient({ identity });
    vero.track('own', { identity: { id: 7, plan: 'gold' } });
    vero.run({ identity: { id: 'x', plan: 'free' } }, () => vero.track('scope'));
    expect(told.invalid.map(({ error }) => error.issues.map(({ path }) => path))).toEqual([
      ['identity.plan'],
      ['identity.id'],
    ]);
  });

  it("sends such a user as it is with onInvalid: 'send'", async () => {
    const { vero, sent, told } = makeSendingClient({ identity, onInvalid: 'send' });
    vero.track('own', { identity: { id: 7, plan: 'gold' } });
    await vero.flush();
    expect(sent[0]?.identity).toEqual({ id: '7', plan: 'gold' });
    expect(told.error.map(({ error }) => error.code)).toEqual(['VERO_NOT_IN_CATALOGUE']);
  });

  it('knows what nobody is', () => {
    const { vero, told } = makeSendingClient({ identity });
    vero.track('own', { identity: null });
    expect(told.skipped).toMatchObject([{ reason: 'no-identity' }]);
  });

  it('takes schemas only', () => {
    const define = defineIdentity as (schema: unknown) => unknown;
    expect(() => define({ id: 'string' })).toThrow('defineIdentity: its argument must be a schema');
    expect(() => createVero({ authToken: 'tok_secret_x', identity: {} as never })).toThrow(
      'createVero: option "identity" must be a definition that defineIdentity made, not an object',
    );
  });
});
