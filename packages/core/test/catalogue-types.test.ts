import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  createVero,
  type DataOf,
  defineEvents,
  defineIdentity,
  type EventInput,
  type EventName,
  type EventOutput,
  event,
  type SchemaInput,
  type SchemaOutput,
  type StandardSchema,
  type Vero,
} from '../src/index.ts';
import type {
  arktype21Events,
  arktypeEvents,
  valibot10Events,
  valibotEvents,
  zod40Events,
  zodEvents,
} from './schemas.ts';

const events = defineEvents({
  signed_up: z.object({ plan: z.enum(['free', 'pro']), at: z.date().transform(String).optional() }),
  add_to_cart: v.object({ item_name: v.string(), tags: v.optional(v.array(v.string())) }),
  searched: type({ term: 'string', 'hits?': 'number' }),
  paid: z.discriminatedUnion('by', [
    z.object({ by: z.literal('card'), brand: z.string() }),
    z.object({ by: z.literal('invoice'), days: z.number() }),
  ]),
  viewed: z.object({ page: z.string() }).optional(),
  typed: event<{ readonly count: number }>(),
  logged_out: event(),
});
const vero = createVero({ events, enabled: false });

/** Compiled, never run. */
const compiled = (_code: () => unknown): void => {};

describe('the types of a client with a catalogue', () => {
  it('know the names, and what each event says', () => {
    compiled(() => {
      vero.track('signed_up', { data: { plan: 'free' } });
      vero.track('signed_up', { data: { plan: 'pro', at: new Date() }, identity: { id: 1 }, unique: true });
      vero.track('add_to_cart', { data: { item_name: 'hat', tags: ['new'] } });
      vero.track('searched', { data: { term: 'hat' } });
      vero.track('paid', { data: { by: 'invoice', days: 14 } });
      vero.track('viewed');
      vero.track('viewed', { data: { page: '/' } });
      vero.track('typed', { data: { count: 1 } });
      vero.track('logged_out');
      vero.track('logged_out', { identity: { id: 1 } });
      void vero.send('signed_up', { data: { plan: 'free' } }, { timeoutMs: 1_000 });
      void vero.send('logged_out', {}, { timeoutMs: 1_000 });
      void vero.send('logged_out');
      vero.trackOnSuccess('signed_up', { data: { plan: 'free' } });
    });
    expectTypeOf<EventName<typeof events>>().toEqualTypeOf<
      'signed_up' | 'add_to_cart' | 'searched' | 'paid' | 'viewed' | 'typed' | 'logged_out'
    >();
    expectTypeOf<EventInput<typeof events, 'signed_up'>>().toEqualTypeOf<
      DataOf<'signed_up', { plan: 'free' | 'pro'; at?: Date | undefined }>
    >();
    expectTypeOf<EventOutput<typeof events, 'signed_up'>>().toEqualTypeOf<{
      plan: 'free' | 'pro';
      at?: string | undefined;
    }>();
  });

  it('refuse a name that is not in the catalogue', () => {
    compiled(() => {
      // @ts-expect-error a typo
      vero.track('signd_up', { data: { plan: 'free' } });
      // @ts-expect-error a typo
      void vero.send('signd_up', { data: { plan: 'free' } });
      // @ts-expect-error a typo
      vero.trackOnSuccess('signd_up', { data: { plan: 'free' } });
      // @ts-expect-error any text at all
      vero.track('' as string);
    });
  });

  it('refuse data that is missing, wrong, or more than the event says', () => {
    compiled(() => {
      // @ts-expect-error no options, and so no data
      vero.track('signed_up');
      // @ts-expect-error no data
      vero.track('signed_up', {});
      // @ts-expect-error no plan
      vero.track('signed_up', { data: {} });
      // @ts-expect-error no such plan
      vero.track('signed_up', { data: { plan: 'gold' } });
      // @ts-expect-error no such property
      vero.track('signed_up', { data: { plan: 'free', coupon: 'x' } });
      // @ts-expect-error not of this kind of payment
      vero.track('paid', { data: { by: 'card', days: 14 } });
      // @ts-expect-error no such property of what arktype describes
      vero.track('searched', { data: { term: 'hat', hit: 1 } });
      // @ts-expect-error data where there is none
      vero.track('logged_out', { data: { reason: 'bored' } });
      // @ts-expect-error no such option
      vero.track('logged_out', { user: { id: 1 } });
      // @ts-expect-error the third argument is for limits
      void vero.send('signed_up', { data: { plan: 'free' } }, { timeout: 1 });
      // @ts-expect-error data is required before the limits
      void vero.send('signed_up', { timeoutMs: 1 });
    });
  });

  it('are the same whichever library describes the data', () => {
    type Expected = DataOf<'signed_up', { plan: 'free' | 'pro'; tags?: { text: string }[] | undefined }>;
    expectTypeOf<EventInput<typeof zodEvents, 'signed_up'>>().toEqualTypeOf<Expected>();
    expectTypeOf<EventInput<typeof zod40Events, 'signed_up'>>().toEqualTypeOf<Expected>();
    expectTypeOf<EventInput<typeof valibotEvents, 'signed_up'>>().toEqualTypeOf<Expected>();
    expectTypeOf<EventInput<typeof valibot10Events, 'signed_up'>>().toEqualTypeOf<Expected>();
    // Arktype says nothing of `undefined`.
    type Stricter = DataOf<'signed_up', { plan: 'free' | 'pro'; tags?: { text: string }[] }>;
    expectTypeOf<EventInput<typeof arktypeEvents, 'signed_up'>>().toEqualTypeOf<Stricter>();
    expectTypeOf<EventInput<typeof arktype21Events, 'signed_up'>>().toEqualTypeOf<Stricter>();
  });

  it('know the names in what is told', () => {
    compiled(() => {
      vero.on('delivered', ({ event: { name } }) => {
        expectTypeOf(name).toEqualTypeOf<EventName<typeof events>>();
      });
      vero.on('rejected', (told) => {
        // @ts-expect-error never equal: a typo
        return told.event.name === 'signd_up';
      });
    });
  });

  it('take any data where the schema does', () => {
    const anything = createVero({
      events: defineEvents({
        typed: event<Record<string, unknown>>(),
        checked: z.any(),
        unknown: z.unknown(),
      }),
      enabled: false,
    });
    compiled(() => {
      anything.track('typed', { data: { a: { b: 1 } } });
      anything.track('checked', { data: { a: [1] } });
      anything.track('unknown', { data: { a: 1 } });
      anything.track('checked');
      // @ts-expect-error no object: Vero takes no other
      anything.track('checked', { data: 'text' });
    });
  });

  it('tell a client of one catalogue from that of another, or of none', () => {
    const other = createVero({ events: defineEvents({ logged_out: event() }), enabled: false });
    compiled(() => {
      const same: Vero<typeof events> = vero;
      // @ts-expect-error who has it might track anything
      const open: Vero = vero;
      // @ts-expect-error it doesn't know all of these events
      const fewer: Vero<typeof events> = other;
      return [same, open, fewer];
    });
  });
});

describe('the types of a client without a catalogue', () => {
  it('take any name and any data', () => {
    const open = createVero({ enabled: false });
    expectTypeOf(open).toEqualTypeOf<Vero>();
    compiled(() => {
      open.track('anything', { data: { at: 'all' } });
      open.track('' as string);
      void open.send('anything', {}, { timeoutMs: 1 });
      open.on('delivered', ({ event: { name } }) => expectTypeOf(name).toBeString());
    });
  });
});

describe('the types of a client with defined users', () => {
  const identity = defineIdentity(
    z.object({ id: z.number(), email: z.string().nullish(), plan: z.enum(['free', 'pro']) }),
  );
  const typed = createVero({ events, identity, enabled: false });

  it('know their attributes', () => {
    compiled(() => {
      typed.track('logged_out', { identity: { id: 1, plan: 'free' } });
      typed.track('logged_out', { identity: null });
      typed.run({ identity: { id: 1, email: null, plan: 'pro' } }, () => undefined);
      // @ts-expect-error no plan
      typed.track('logged_out', { identity: { id: 1 } });
      // @ts-expect-error no such plan
      typed.run({ identity: { id: 1, plan: 'gold' } }, () => undefined);
      // @ts-expect-error no such attribute
      typed.track('logged_out', { identity: { id: 1, plan: 'free', age: 25 } });
      const same: Vero<typeof events, typeof identity> = typed;
      return same;
    });
  });

  it('want an id', () => {
    compiled(() => {
      // @ts-expect-error there is no id
      defineIdentity(z.object({ email: z.string() }));
      // @ts-expect-error an id that can't be one
      defineIdentity(z.object({ id: z.boolean() }));
    });
  });
});

describe('the types of defineEvents', () => {
  it('are those of Standard Schema', () => {
    type Theirs = StandardSchemaV1<{ in: string }, { out: number }>;
    expectTypeOf<Theirs>().toExtend<StandardSchema<{ in: string }, { out: number }>>();
    expectTypeOf<StandardSchema<{ in: string }, { out: number }>>().toExtend<Theirs>();
    expectTypeOf<SchemaInput<Theirs>>().toEqualTypeOf<StandardSchemaV1.InferInput<Theirs>>();
    expectTypeOf<SchemaOutput<Theirs>>().toEqualTypeOf<StandardSchemaV1.InferOutput<Theirs>>();
  });

  it('take schemas only', () => {
    compiled(() => {
      // @ts-expect-error no schema
      defineEvents({ signed_up: { plan: 'string' } });
      // @ts-expect-error data is an object
      defineEvents({ signed_up: event<string>() });
    });
  });
});
