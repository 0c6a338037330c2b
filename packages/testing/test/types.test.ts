import '../src/vitest.ts';
import { defineEvents, defineIdentity, event, type Vero } from '@verotrack/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { recordVero } from '../src/index.ts';

const events = defineEvents({
  add_to_cart: z.object({
    item_name: z.string(),
    price: z.coerce.number(),
    at: z.date().optional(),
    tags: z.array(z.object({ text: z.string() })).optional(),
  }),
  logged_out: event(),
});
const identity = defineIdentity(z.object({ id: z.string(), plan: z.enum(['free', 'pro']) }));

/** Compiled, never run. */
const compiled = (_code: () => unknown): void => {};

describe('the types of a recorder with a catalogue', () => {
  const recorder = recordVero({ events, identity });

  it('are those of a client', () => {
    expectTypeOf(recorder).toExtend<Vero<typeof events, typeof identity>>();
  });

  it('are those of a client of this catalogue only', () => {
    compiled(() => {
      const same: Vero<typeof events, typeof identity> = recorder;
      // @ts-expect-error who has it might track anything
      const open: Vero = recorder;
      return [same, open];
    });
  });

  it('know the events, as the schema gives them and JSON says them', () => {
    compiled(() => {
      for (const recorded of recorder.events()) {
        if (recorded.name === 'logged_out') expectTypeOf(recorded.data).toBeUndefined();
        else expectTypeOf(recorded.data.price).toBeNumber();
        // @ts-expect-error never equal: a typo
        if (recorded.name === 'loged_out') return recorded;
      }
      const [added] = recorder.tracked('add_to_cart', { data: { tags: [{ text: 'new' }] } });
      expectTypeOf(added?.data.at).toEqualTypeOf<string | undefined>();
      expectTypeOf(recorder.waitForEvent('add_to_cart')).resolves.toHaveProperty('data');
      // @ts-expect-error a typo
      recorder.tracked('add_to_crt');
      // @ts-expect-error a typo
      void recorder.waitForEvent('add_to_crt');
      // @ts-expect-error no such property
      return recorder.assertTracked('add_to_cart', { data: { item: 'hat' } });
    });
  });

  it('know the events in matchers', () => {
    compiled(() => {
      expect(recorder).toHaveTracked('add_to_cart', { data: { item_name: expect.any(String), price: 25 } });
      expect(recorder).not.toHaveTracked('logged_out', { identity: { id: '42' } });
      expect(recorder).toHaveTrackedTimes('add_to_cart', 2, { data: { tags: [{}] } });
      expect(recorder).toHaveTrackedNothing();
      // @ts-expect-error a typo
      expect(recorder).toHaveTracked('add_to_crt');
      // @ts-expect-error a typo
      expect(recorder).not.toHaveTrackedTimes('add_to_crt', 1);
      // @ts-expect-error no such property
      expect(recorder).toHaveTracked('add_to_cart', { data: { item: 'hat' } });
      // @ts-expect-error wrong data
      expect(recorder).toHaveTracked('add_to_cart', { data: { price: '25' } });
      // @ts-expect-error no part of an event
      expect(recorder).toHaveTracked('add_to_cart', { user: { id: '42' } });
      // @ts-expect-error how often?
      expect(recorder).toHaveTrackedTimes('add_to_cart');
    });
  });
});

describe('the types of a recorder without a catalogue', () => {
  it('take any event', () => {
    const recorder = recordVero();
    expectTypeOf(recorder).toExtend<Vero>();
    compiled(() => {
      expect(recorder).toHaveTracked('anything', { data: { at: 'all' }, identity: { plan: 'pro' } });
      expectTypeOf(recorder.events()[0]?.name).toEqualTypeOf<string | undefined>();
      // @ts-expect-error no part of an event
      expect(recorder).toHaveTracked('anything', { user: { id: '42' } });
    });
  });
});
