import { afterEach, describe, expect, it } from 'vitest';
import { buildTrackPayload, createVero, defineEvents, event, memoryQueue } from '../../src/index.ts';
import { JANE, makeSendingClient, TOKEN, track } from '../clients.ts';
import { fakeVero } from '../fake-vero.ts';
import { declared } from './declared.ts';

const polluted: string[] = [];

/** What a flaw somewhere else in the application leaves behind, for all that comes after. */
function pollute(entries: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(entries)) {
    polluted.push(name);
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  }
}

function cleanUp(): void {
  for (const name of polluted.splice(0)) Reflect.deleteProperty(Object.prototype, name);
}

afterEach(() => {
  cleanUp();
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

const refuse = (): never => {
  throw new Error('hostile');
};

describe('an Object.prototype that something else has polluted', () => {
  it('does not send the credential elsewhere, nor changes what is sent', async () => {
    const [vero, thief] = [await fakeVero(), await fakeVero()];
    // With a polluted `source`, Node 22 itself can't load a module any more.
    await Promise.all([import('ky'), import('undici')]);
    pollute({
      baseUrl: thief.url,
      url: thief.url,
      transport: { send: refuse },
      queue: memoryQueue({ capacity: 1 }),
      allowInsecure: true,
      enabled: false,
      developmentMode: true,
      source: 'hostile',
      project: 'hostile',
      unique: true,
      preset: 'serverless',
      beforeAccept: () => null,
      beforeSend: () => false,
      waitUntil: refuse,
      invalidEmail: 'refuse',
      maxPayloadBytes: 1,
      concurrency: 0,
      timeoutMs: 1,
      retry: { maxAttempts: 'hostile' },
      maxAgeMs: 1,
      capacity: 1,
      connections: 0,
      ky: { hooks: { beforeRequest: [refuse] } },
    });
    const client = track(createVero({ authToken: TOKEN, baseUrl: vero.url }));
    client.track('n', { identity: JANE, createdAt: 0 });
    await client.flush({ timeout: 5_000 });
    cleanUp();
    expect(thief.requests).toEqual([]);
    expect(vero.requests.map(({ body }) => ({ ...body, auth_token: '' }))).toEqual([
      { auth_token: '', event_name: 'n', identity: JANE, extras: { created_at: '1970-01-01T00:00:00.000Z' } },
    ]);
  });

  it('adds nothing to an event, and takes nothing away', async () => {
    const { vero, sent } = makeSendingClient();
    pollute({
      data: { polluted: true },
      identity: { id: 'hostile' },
      email: 'hostile@example.com',
      id: 'hostile',
      createdAt: 'hostile',
      eventId: '',
      source: 'hostile',
      conversionId: 'hostile',
      unique: true,
      plan: 'hostile',
    });
    vero.run({ identity: { id: '1' } }, () => vero.track('n'));
    vero.track('m', { identity: { id: '2' }, data: { at: 1 } });
    const payload = buildTrackPayload({ name: 'n', identity: { id: '1' } }, { authToken: TOKEN });
    await vero.flush();
    cleanUp();
    expect(payload).toEqual({ auth_token: TOKEN, event_name: 'n', identity: { id: '1' } });
    const extras = { created_at: expect.any(String) };
    expect(sent).toEqual([
      { event_name: 'n', identity: { id: '1' }, extras },
      { event_name: 'm', identity: { id: '2' }, data: { at: 1 }, extras },
    ]);
  });

  it('is no option of a declaration or an adapter', async () => {
    const { vero, sent } = makeSendingClient();
    pollute({
      identify: () => ({ id: 'hostile' }),
      attributes: { load: refuse },
      when: () => false,
      success: () => false,
      on: 'handled',
      methods: [],
      route: 'hostile',
      choose: () => ({ name: 'hostile' }),
      data: { polluted: true },
    });
    declared(vero, {}, { identify: () => JANE });
    await vero.flush();
    cleanUp();
    expect(sent).toEqual([
      { event_name: 'outer', identity: JANE, extras: { created_at: expect.any(String) } },
    ]);
  });
});

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

describe.each(NAMES)('a name such as %s', (name) => {
  it('is only a name: of an event, of a key, of an event in a catalogue', async () => {
    const { vero, sent } = makeSendingClient();
    const data = JSON.parse(`{${JSON.stringify(name)}:{"polluted":true}}`);
    vero.track(name, { identity: JSON.parse(`{"id":"1",${JSON.stringify(name)}:{"polluted":true}}`), data });
    await vero.flush();
    expect(Object.keys(sent[0]?.data as object)).toEqual([name]);
    expect(Object.keys(sent[0]?.identity as object)).toEqual(['id', name]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('that is not in a catalogue is refused, and one that is in it is found', () => {
    const { vero } = makeSendingClient({ events: defineEvents({ other: event() }) as never });
    vero.track(name, { identity: JANE });
    expect(vero.stats()).toMatchObject({ accepted: 0, invalid: 1 });
    const definitions = Object.defineProperty({}, name, { value: event(), enumerable: true });
    const { vero: knowing } = makeSendingClient({ events: defineEvents(definitions) as never });
    knowing.track(name, { identity: JANE });
    expect(knowing.stats()).toMatchObject({ accepted: 1, invalid: 0 });
  });

  it('is no option', () => {
    const options = Object.defineProperty({ authToken: TOKEN }, name, { value: {}, enumerable: true });
    expect(() => createVero(options)).toThrow(`unknown option "${name}"`);
  });
});
