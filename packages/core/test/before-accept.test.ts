import { describe, expect, it } from 'vitest';
import type { PendingEvent, VeroOptions } from '../src/index.ts';
import { JANE, makeSendingClient } from './clients.ts';

/** A client with this hook, whatever its type, and the bodies that it sent. */
const hooked = (beforeAccept: unknown, options: VeroOptions = {}) =>
  makeSendingClient({ beforeAccept: beforeAccept as never, ...options });

describe('beforeAccept', () => {
  it('sees the event as it will be sent, but for secrets, and at once', async () => {
    const seen: PendingEvent[] = [];
    const { vero } = hooked((event: PendingEvent) => {
      seen.push(structuredClone(event));
      return event;
    });
    vero.track('bought', {
      identity: { id: 7, email: 'jane@example.com', password: 'x' },
      data: { at: new Date(0), gone: undefined },
      createdAt: 1_700_000_000_000,
      eventId: 'event-1',
      source: 'shop',
      conversionId: 'conv-1',
    });
    expect(seen).toEqual([
      {
        name: 'bought',
        eventId: 'event-1',
        identity: { id: '7', email: 'jane@example.com' },
        data: { at: '1970-01-01T00:00:00.000Z' },
        createdAt: '2023-11-14T22:13:20.000Z',
        source: 'shop',
        conversionId: 'conv-1',
      },
    ]);
    expect(vero.stats().accepted).toBe(1);
  });

  it('may change its copy in place, or give back another event', async () => {
    const { vero, sent } = hooked((event: PendingEvent) => {
      if (event.name === 'other') return { ...event, identity: { id: '9' }, data: undefined, source: 'hook' };
      event.identity = { ...event.identity, email: undefined };
      if (event.data) event.data.card = 'redacted';
      return event;
    });
    const data = { card: '4111', nested: { kept: true } };
    vero.track('in_place', { identity: JANE, data });
    vero.track('other', { identity: JANE, data });
    await vero.flush();
    expect(sent).toMatchObject([
      { identity: { id: '42' }, data: { card: 'redacted', nested: { kept: true } } },
      { identity: { id: '9' }, extras: { source: 'hook' } },
    ]);
    expect(sent[0]?.identity).not.toHaveProperty('email');
    expect(sent[1]).not.toHaveProperty('data');
    expect(data).toEqual({ card: '4111', nested: { kept: true } });
  });

  it('can change neither the name, the id nor the time', async () => {
    const { vero, sent } = hooked(
      (event: PendingEvent) => ({
        ...event,
        name: 'other',
        eventId: 'other',
        createdAt: '2000-01-01T00:00:00.000Z',
      }),
      { unique: true },
    );
    vero.track('n', { identity: JANE, eventId: 'mine', createdAt: 0 });
    await vero.flush();
    expect(sent).toMatchObject([
      { event_name: 'n', data: { _event_id: 'mine' }, extras: { created_at: '1970-01-01T00:00:00.000Z' } },
    ]);
  });

  it('refuses an event with null: it is skipped, and nothing is told as an error', () => {
    const { vero, told } = hooked(() => null);
    vero.track('n', { identity: JANE });
    expect(told.skipped).toEqual([{ name: 'n', reason: 'refused', route: undefined }]);
    expect(told.error).toEqual([]);
    expect(vero.stats()).toMatchObject({ accepted: 0, skipped: { refused: 1 } });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
      'no',
    ],
    ['gives nothing', () => undefined, 'it must return the event or null, not undefined'],
    ['gives true', () => true, 'it must return the event or null, not true'],
    [
      'gives a promise',
      async (event: PendingEvent) => event,
      'it must return the event or null, not an object',
    ],
  ])('that %s sends nothing, and is told', async (_what, hook, message) => {
    const { vero, told } = hooked(hook);
    vero.track('n', { identity: JANE });
    await new Promise((resolve) => setImmediate(resolve));
    expect(vero.stats()).toMatchObject({ accepted: 0, skipped: { refused: 1 } });
    expect(told.error).toMatchObject([
      { name: 'n', callback: 'beforeAccept', error: { code: 'VERO_CALLBACK_FAILED' } },
    ]);
    expect(told.error[0]?.error.message).toContain(message);
  });

  it('is validated again: what it makes of an event may be wrong', async () => {
    const { vero, told, sent } = hooked((event: PendingEvent) => ({
      ...event,
      identity: { ...event.identity, id: '', token: 'x' },
      data: { price: Number.NaN },
    }));
    vero.track('n', { identity: JANE });
    expect(told.invalid.map(({ error }) => error.issues.map(({ path }) => path))).toEqual([
      ['data.price', 'identity.id'],
    ]);
    await vero.flush();
    expect(sent).toEqual([]);
  });

  it('is not asked about an event that is wrong, of nobody, or cancelled', () => {
    let asked = 0;
    const { vero } = hooked((event: PendingEvent) => {
      asked++;
      return event;
    });
    vero.track('', { identity: JANE });
    vero.track('nobody');
    vero.run({ identity: JANE }, () => {
      vero.trackOnSuccess('cancelled');
      vero.cancelTracking();
    });
    expect(asked).toBe(0);
  });
});

describe('what a client leaves out of identities', () => {
  const omitted = (told: { error: readonly { error: Error }[] }): string[] =>
    told.error.map(({ error }) => error.message);
  const keep = (event: PendingEvent): PendingEvent => event;

  it('is told once for each attribute, however many events have it', async () => {
    const { vero, told, sent } = hooked(keep);
    for (let n = 0; n < 3; n++)
      vero.track(`e${n}`, { identity: { ...JANE, password: 'x', nested: { salt: 'x' } } });
    vero.track('e3', { identity: { id: '1', email: null } });
    await vero.flush();
    expect(sent.map(({ identity }) => identity)).toEqual([
      ...Array(3).fill({ ...JANE, nested: {} }),
      { id: '1' },
    ]);
    expect(omitted(told)).toEqual([
      'Left out of event "e0": identity.password: it looks like a secret; list "password" in allowAttributes to send it',
      'Left out of event "e0": identity.nested.salt: it looks like a secret; list "salt" in allowAttributes to send it',
      'Left out of event "e3": identity.email: is null',
    ]);
  });

  it('is as allowAttributes and invalidEmail of the client say', async () => {
    const { vero, told, sent } = hooked(keep, { allowAttributes: ['loyalty_card'], invalidEmail: 'refuse' });
    vero.track('n', { identity: { ...JANE, loyalty_card: 'gold', token: 'x' } });
    vero.track('n', { identity: { id: '1', email: 'nobody' } });
    await vero.flush();
    expect(sent.map(({ identity }) => identity)).toEqual([{ ...JANE, loyalty_card: 'gold' }]);
    expect(omitted(told)).toHaveLength(1);
    expect(told.invalid.map(({ error }) => error.issues)).toEqual([
      [{ path: 'identity.email', message: 'is not an e-mail address' }],
    ]);
  });
});
