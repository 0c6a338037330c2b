import { describe, expectTypeOf, it } from 'vitest';
import {
  buildTrackPayload,
  type EventData,
  type FlushResult,
  type Identity,
  isVeroError,
  kyTransport,
  type PendingEvent,
  pickIdentity,
  type Vero,
  type VeroError,
  type VeroEvents,
} from '../src/index.ts';

interface Item {
  readonly name: string;
  readonly price: number;
}
interface User {
  readonly id: number;
  readonly email: string | null;
  readonly plan: 'free' | 'pro';
  readonly passwordHash: string;
}
declare const item: Item;
declare const user: User;
declare const vero: Vero;

/** Compiled, never run. */
const compiled = (_code: () => unknown): void => {};

describe('the types', () => {
  it('take an option that is undefined for one that is not given', () => {
    const maybe = <T>(value: T): T | undefined => value;
    compiled(() => {
      void vero.flush({ timeout: maybe(1) });
      void vero.deadLetters.replay({
        filter: maybe(() => true),
        map: maybe(() => null),
        dryRun: maybe(true),
      });
      kyTransport({ ky: maybe({}), connections: maybe(1) });
    });
  });

  it('take data written as a literal, as an interface, and as nothing, but not as a list', () => {
    compiled(() => {
      vero.track('add_to_cart', {
        identity: { id: '42', email: 'jane@example.com' },
        data: { item_name: 'Blue shoes' },
      });
      vero.track('add_to_cart', { data: item });
      vero.track('add_to_cart', { data: null });
      // @ts-expect-error a list is no event data
      vero.track('add_to_cart', { data: [item] });
      // @ts-expect-error nor is a string
      vero.track('add_to_cart', { data: 'Blue shoes' });
    });
    expectTypeOf<Item>().toExtend<EventData>();
    expectTypeOf<Item[]>().not.toExtend<EventData>();
  });

  it('want an id in an identity, and know the options of an event', () => {
    compiled(() => {
      // @ts-expect-error an identity needs an id
      vero.track('signed_up', { identity: { email: 'jane@example.com' } });
      // @ts-expect-error no such option
      vero.track('signed_up', { user: { id: '1' } });
      // @ts-expect-error the token is missing
      buildTrackPayload({ name: 'signed_up', identity: { id: '1' } }, {});
    });
  });

  it('let pickIdentity take a row, and know what it gives', () => {
    const pick = (row: User | null) => pickIdentity(row, ['id', 'email', 'plan']);
    expectTypeOf(pick).returns.toExtend<Identity | undefined>();
    expectTypeOf<NonNullable<ReturnType<typeof pick>>['email']>().toEqualTypeOf<string>();
    expectTypeOf<NonNullable<ReturnType<typeof pick>>['plan']>().toEqualTypeOf<'free' | 'pro'>();
    compiled(() => {
      // @ts-expect-error no such column
      pickIdentity(user, ['id', 'name']);
      // @ts-expect-error "id" is missing
      pickIdentity(user, ['email']);
    });
  });

  it('give run what its work gives', () => {
    compiled(() => {
      expectTypeOf(vero.run({}, () => 7)).toEqualTypeOf<number>();
      expectTypeOf(vero.run({}, async () => 'x')).toEqualTypeOf<Promise<string>>();
      expectTypeOf(vero.flush()).resolves.toEqualTypeOf<FlushResult>();
    });
  });

  it('know what each listener gets', () => {
    compiled(() => {
      vero.on('delivered', (told) => expectTypeOf(told).toEqualTypeOf<VeroEvents['delivered']>());
      // @ts-expect-error no such event
      vero.on('sent', () => {});
    });
    expectTypeOf<PendingEvent['identity']>().toEqualTypeOf<Identity>();
  });

  it('narrow to VeroError', () => {
    compiled((thrown: unknown = undefined) => {
      if (isVeroError(thrown)) expectTypeOf(thrown).toEqualTypeOf<VeroError>();
    });
  });
});
