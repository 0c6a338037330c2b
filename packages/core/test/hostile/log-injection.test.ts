import { describe, expect, it } from 'vitest';
import { createVero, isVeroError, memoryQueue } from '../../src/index.ts';
import { runQueueCommand } from '../../src/queue.ts';
import { JANE, makeClient, TOKEN, track } from '../clients.ts';
import { fakeVero } from '../fake-vero.ts';
import { recordOf } from '../queue-contract.ts';

/** A second line of a log, colours and commands for a terminal, and text that turns around. */
const NAMES: Readonly<Record<string, string>> = {
  'a line feed': 'bought\nERROR everything is fine',
  'a carriage return': 'bought\r\nERROR everything is fine',
  'a separator of lines': 'bought\u2028ERROR\u2029everything\u0085is fine',
  'an escape': 'bought\u001b[2J\u001b]0;owned\u0007\u009b31m',
  'text that turns around': 'bought\u202e\u2066 drowssap',
  'a NUL': 'bought\0',
};

const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}]/u;

describe.each(Object.entries(NAMES))('%s in the name of an event', (_what, name) => {
  it('makes no second line of what the logger gets', async () => {
    const logged: string[] = [];
    const server = await fakeVero({ status: 400, body: name });
    const options = { authToken: TOKEN, baseUrl: server.url };
    const vero = track(createVero({ ...options, logger: (message) => void logged.push(message) }));
    vero.track(name, { identity: JANE });
    vero.track(name);
    vero.track(name, { identity: { id: '1', [`${name} token`]: 1 }, data: { [name]: 1n } });
    vero.track('n', { identity: { ...JANE, email: name } });
    vero.run({ identity: JANE }, () => vero.cancelTracking(name));
    vero.cancelTracking(name);
    await vero.flush();
    // Nobody listens, and each code is logged once: the line of a rejection, of no user, of no scope, and of what is invalid.
    expect(logged.length).toBeGreaterThanOrEqual(4);
    expect(logged.filter((line) => UNPRINTABLE.test(line))).toEqual([]);
  });

  it('makes no second line of an error', async () => {
    const server = await fakeVero({ status: 400, body: name });
    const { vero, told } = makeClient({ baseUrl: server.url });
    const thrown: unknown = await vero.send(name, { identity: JANE }).catch((error: unknown) => error);
    expect(isVeroError(thrown)).toBe(true);
    vero.track(name, { identity: JANE });
    vero.track(name, { identity: JANE, data: { [name]: 1n } });
    await vero.flush();
    const errors = [...told.rejected, ...told.invalid].map(({ error }) => error);
    const messages = [...errors, thrown as Error].map(({ message }) => message);
    expect(messages).toHaveLength(4);
    expect(messages.filter((message) => UNPRINTABLE.test(message))).toEqual([]);
  });

  it('makes no second line of what the command of a queue prints', async () => {
    const queue = memoryQueue();
    await queue.put([{ ...recordOf('1'), name, id: name }]);
    await queue.dead(name, name);
    const lines = await runQueueCommand(queue, 'dead', {});
    expect(lines).toHaveLength(1);
    expect(lines.filter((line) => UNPRINTABLE.test(line))).toEqual([]);
  });
});

it('an endless message is cut', async () => {
  const { vero, told } = makeClient({
    transport: { send: () => Promise.reject(new Error('hostile '.repeat(1_000_000))) },
    delivery: { retry: { maxAttempts: 1 } },
  });
  vero.track('n', { identity: JANE });
  await vero.flush();
  vero.track('n'.repeat(1_000_000), { identity: JANE, data: { ['k'.repeat(1_000_000)]: 1n } });
  const messages = [...told.retrying, ...told.invalid].map(({ error }) => error.message.length);
  expect(Math.max(...messages)).toBeLessThan(5_000);
});

it('a credential, a source and an id that hold headers stay in the body', async () => {
  const server = await fakeVero();
  const injected = 'x\r\nx-injected: 1\r\n\r\nPOST /injected HTTP/1.1\r\n\r\n';
  const authToken = `tok_secret_${injected}`;
  const vero = track(createVero({ authToken, baseUrl: server.url, source: injected, project: injected }));
  vero.track(injected, {
    identity: { id: injected },
    eventId: injected,
    conversionId: injected,
    unique: true,
  });
  await vero.flush();
  expect(server.requests).toHaveLength(1);
  const [request] = server.requests;
  expect(request?.url).toBe('/api/v2/events/track');
  expect(Object.keys(request?.headers ?? {}).toSorted()).toEqual([
    'accept',
    'connection',
    'content-length',
    'content-type',
    'host',
    'user-agent',
  ]);
  const { auth_token: sent, ...body }: Record<string, unknown> = request?.body ?? {};
  expect(sent === authToken).toBe(true);
  expect(body).toMatchObject({
    event_name: injected,
    identity: { id: injected },
    data: { _event_id: injected },
    extras: { source: injected, vero_conv: injected },
  });
});
