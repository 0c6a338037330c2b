import { afterEach, describe, expect, it, vi } from 'vitest';
import { clientSettings } from '../src/client-options.ts';
import {
  createVero,
  isVeroError,
  kyTransport,
  memoryQueue,
  type VeroError,
  type VeroOptions,
} from '../src/index.ts';
import { closest } from '../src/options.ts';
import { checkNode } from '../src/supported-node.ts';
import { expectNoCredential, makeClient, track } from './clients.ts';

const authToken = 'tok_secret_options';
const settings = (options: object = {}, env: NodeJS.ProcessEnv = {}) =>
  clientSettings({ authToken, ...options } as VeroOptions, env);

function refusal(call: () => unknown): VeroError {
  try {
    call();
  } catch (thrown) {
    expect(isVeroError(thrown)).toBe(true);
    expect((thrown as VeroError).code).toBe('VERO_CONFIG');
    expectNoCredential(thrown);
    return thrown as VeroError;
  }
  throw new Error('nothing was refused');
}

afterEach(() => vi.unstubAllEnvs());

it('refuses a Node on which nothing could be delivered, and no other', () => {
  expect(refusal(() => checkNode('20.20.2')).message).toBe(
    'createVero: Verotrack needs Node 22.19 or later, and this is 20.20.2',
  );
  for (const version of ['22.19.0', '24.0.0', '100.0.0']) checkNode(version);
  checkNode();
});

describe('the options of createVero', () => {
  it.each([
    ['authToken', ''],
    ['authToken', ' '],
    ['authToken', 7],
    ['authToken', { token: 'tok_secret_in_an_object' }],
    ['developmentMode', 'false'],
    ['baseUrl', ''],
    ['baseUrl', 'api.getvero.com'],
    ['baseUrl', 'ftp://api.getvero.com'],
    ['baseUrl', 'https://user:tok_secret_in_url@api.getvero.com'],
    ['baseUrl', 'https://api.getvero.com/?auth_token=tok_secret_in_url'],
    ['baseUrl', 'https://api.getvero.com/#tok_secret_in_url'],
    ['allowInsecure', 'yes'],
    ['enabled', 0],
    ['queue', {}],
    ['queue', null],
    ['queue', { ...memoryQueue() }],
    ['transport', { post() {} }],
    ['delivery', 16],
    ['preset', 'lambda'],
    ['project', ''],
    ['source', 7],
    ['unique', 1],
    ['maxPayloadBytes', 0.5],
    ['maxPayloadBytes', -1],
    ['logger', console],
    ['waitUntil', {}],
    ['beforeAccept', 'no'],
    ['beforeSend', true],
    ['invalidEmail', 'keep'],
    ['allowAttributes', [7]],
  ])('names %s when it is %j', (name, value) => {
    expect(refusal(() => settings({ [name]: value })).message).toContain(`createVero: option "${name}"`);
  });

  it.each([
    ['concurrency', 0],
    ['concurrency', 1.5],
    ['concurrency', Number.POSITIVE_INFINITY],
    ['timeoutMs', 0],
    ['timeoutMs', '10'],
    ['timeoutMs', 2 ** 31],
    ['retry', 3],
  ])('names delivery.%s when it is %j', (name, value) => {
    const { message } = refusal(() => settings({ delivery: { [name]: value } }));
    expect(message).toContain(`createVero: delivery: option "${name}"`);
  });

  it.each([
    ['baseMs', -1],
    ['baseMs', Number.NaN],
    ['maxMs', Number.POSITIVE_INFINITY],
    ['maxAgeMs', 0],
    ['maxAttempts', 2.5],
  ])('names delivery.retry.%s when it is %j', (name, value) => {
    const { message } = refusal(() => settings({ delivery: { retry: { [name]: value } } }));
    expect(message).toContain(`createVero: delivery.retry: option "${name}"`);
  });

  it.each([
    ['authtoken', 'authToken'],
    ['token', undefined],
    ['devMode', undefined],
    ['developmentmode', 'developmentMode'],
    ['baseURL', 'baseUrl'],
    ['beforesend', 'beforeSend'],
    ['constructor', undefined],
  ])('refuses the unknown option %s and suggests %s', (name, meant) => {
    const { message } = refusal(() => settings({ [name]: 'tok_secret_elsewhere' }));
    expect(message).toContain(`unknown option "${name}"`);
    if (meant) expect(message).toContain(`Did you mean "${meant}"?`);
    else expect(message).toContain('It takes: authToken, developmentMode');
  });

  it('refuses unknown options inside delivery, too', () => {
    expect(refusal(() => settings({ delivery: { timeout: 1 } })).message).toContain(
      'Did you mean "timeoutMs"?',
    );
    expect(refusal(() => settings({ delivery: { retry: { maxAttempt: 1 } } })).message).toContain(
      '"maxAttempts"',
    );
  });

  it.each([['a string'], [null], [[]], [new Map()]])('must be an object, not %j', (options) => {
    expect(refusal(() => clientSettings(options as never, {})).message).toBe(
      'createVero: its options must be an object',
    );
  });

  it('takes undefined for every option as if it was not there', () => {
    const names = [
      'developmentMode',
      'baseUrl',
      'delivery',
      'queue',
      'transport',
      'preset',
      'source',
      'invalidEmail',
    ];
    const given = settings(Object.fromEntries(names.map((name) => [name, undefined])));
    const { queue: _queue, transport: _transport, ...plain } = settings();
    expect(given).toMatchObject(plain);
  });

  it('has the documented defaults', () => {
    expect(settings()).toMatchObject({
      developmentMode: false,
      url: 'https://api.getvero.com/api/v2/events/track',
      enabled: true,
      delivery: {
        concurrency: 16,
        timeoutMs: 10_000,
        retry: { baseMs: 500, maxMs: 300_000, maxAgeMs: 86_400_000, maxAttempts: Number.POSITIVE_INFINITY },
      },
      project: 'default',
      source: undefined,
      unique: false,
      maxPayloadBytes: 262_144,
    });
  });

  it('bounds retries to seconds for serverless, and lets single ones be set', () => {
    const { delivery } = settings({
      preset: 'serverless',
      delivery: { retry: { baseMs: 7, maxMs: undefined } },
    });
    expect(delivery.timeoutMs).toBeLessThanOrEqual(5_000);
    expect(delivery.retry).toEqual({ baseMs: 7, maxMs: 1_000, maxAgeMs: 10_000, maxAttempts: 4 });
  });
});

describe('where Vero is', () => {
  it.each([
    ['https://api.getvero.com', 'https://api.getvero.com/api/v2/events/track'],
    ['https://www.getvero.com/', 'https://www.getvero.com/api/v2/events/track'],
    ['https://proxy.example/vero', 'https://proxy.example/vero/api/v2/events/track'],
    ['http://localhost:3000', 'http://localhost:3000/api/v2/events/track'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000/api/v2/events/track'],
    ['http://127.9.9.9', 'http://127.9.9.9/api/v2/events/track'],
    ['http://[::1]:3000', 'http://[::1]:3000/api/v2/events/track'],
  ])('turns %s into %s', (baseUrl, url) => {
    expect(settings({ baseUrl }).url).toBe(url);
  });

  it.each([
    'http://api.getvero.com',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'http://10.0.0.1',
    'http://[::2]',
  ])('refuses %s, where the token would travel in plain text, unless it is allowed', (baseUrl) => {
    expect(refusal(() => settings({ baseUrl })).message).toContain('allowInsecure');
    expect(settings({ baseUrl, allowInsecure: true }).url).toMatch(/^http:/);
  });

  it('names the environment variable when that is what is wrong', () => {
    for (const VERO_BASE_URL of [
      'http://api.getvero.com',
      'nonsense',
      'https://user:tok_secret_in_url@a.example',
    ]) {
      const { message } = refusal(() => settings({}, { VERO_BASE_URL }));
      expect(message).toMatch(/^The environment variable VERO_BASE_URL /);
    }
  });
});

describe('the environment', () => {
  it.each([
    ['1', true],
    ['true', true],
    [' TRUE ', true],
    ['0', false],
    ['false', false],
    ['', undefined],
    ['  ', undefined],
  ])('takes %j as a boolean', (value, expected) => {
    expect(settings({}, { VERO_DEVELOPMENT_MODE: value }).developmentMode).toBe(expected ?? false);
    expect(settings({}, { VERO_ENABLED: value }).enabled).toBe(expected ?? true);
  });

  it.each(['yes', 'no', 'on', '2', 'tok_secret_pasted_wrongly'])(
    'refuses %j, and names the variable',
    (value) => {
      for (const name of ['VERO_DEVELOPMENT_MODE', 'VERO_ENABLED']) {
        const { message } = refusal(() => settings({}, { [name]: value }));
        expect(message).toBe(`The environment variable ${name} must be 1, 0, true or false`);
      }
    },
  );

  it('gives way to the options', () => {
    const env = {
      VERO_DEVELOPMENT_MODE: 'nonsense',
      VERO_ENABLED: '0',
      VERO_BASE_URL: 'nonsense',
      VERO_AUTH_TOKEN: 'tok_secret_env',
    };
    const given = settings({ developmentMode: true, enabled: true, baseUrl: 'https://a.example' }, env);
    expect(given).toMatchObject({
      developmentMode: true,
      enabled: true,
      url: 'https://a.example/api/v2/events/track',
    });
    expect(given.authToken === authToken).toBe(true);
  });

  it('gives the token, trimmed, and says what to do without one', () => {
    expect(clientSettings({}, { VERO_AUTH_TOKEN: ' tok_secret_env\n' }).authToken === 'tok_secret_env').toBe(
      true,
    );
    for (const env of [{}, { VERO_AUTH_TOKEN: ' ' }]) {
      const { message } = refusal(() => clientSettings({}, env));
      expect(message).toMatch(/"authToken" is missing.*VERO_AUTH_TOKEN.*enabled: false/);
    }
  });

  it('is that of the process for createVero', () => {
    vi.stubEnv('VERO_ENABLED', 'perhaps');
    expect(refusal(() => createVero({ authToken })).message).toContain('VERO_ENABLED');
    vi.stubEnv('VERO_ENABLED', 'false');
    vi.stubEnv('VERO_AUTH_TOKEN', '');
    const vero = track(createVero());
    vero.track('signed_up', { identity: { id: '1' } });
    expect(vero.stats()).toMatchObject({ accepted: 0, skipped: { disabled: 1 } });
  });
});

describe('a client that is not enabled', () => {
  it('validates events and sends none', async () => {
    const { vero, told } = makeClient({ enabled: false, baseUrl: 'http://127.0.0.1:1' });
    vero.track('signed_up', { identity: { id: '1' } });
    vero.track('', { identity: { id: '1' } });
    await vero.send('signed_up', { identity: { id: '1' } });
    expect(vero.stats()).toMatchObject({ accepted: 0, invalid: 1, skipped: { disabled: 2 } });
    expect(told.skipped[0]).toEqual({ name: 'signed_up', reason: 'disabled', route: undefined });
  });
});

describe('the options of the parts', () => {
  it.each([
    ['memoryQueue', 'capacity', () => memoryQueue({ capacity: 0 })],
    ['memoryQueue', 'maxBytes', () => memoryQueue({ maxBytes: -1 })],
    ['memoryQueue', 'overflow', () => memoryQueue({ overflow: 'drop' as never })],
    ['memoryQueue', 'deadLetterCapacity', () => memoryQueue({ deadLetterCapacity: 0 })],
    ['kyTransport', 'ky', () => kyTransport({ ky: 7 as never })],
    ['kyTransport', 'connections', () => kyTransport({ connections: 0 })],
  ])('%s names %s', (where, name, call) => {
    expect(refusal(call).message).toContain(`${where}: option "${name}"`);
  });

  it('are checked by flush, close, send and run', async () => {
    const { vero } = makeClient();
    const wrong = { timeOut: 5 } as never;
    expect(await rejection(vero.flush(wrong))).toContain(
      'flush: unknown option "timeOut". Did you mean "timeout"?',
    );
    expect(await rejection(vero.flush({ timeout: -1 }))).toContain('flush: option "timeout"');
    expect(await rejection(vero.flush({ timeout: Number.POSITIVE_INFINITY }))).toContain(
      'flush: option "timeout"',
    );
    expect(await rejection(vero.send('n', { identity: { id: '1' } }, { timeoutMs: -1 }))).toContain(
      'send: option "timeoutMs"',
    );
    expect(refusal(() => vero.run({ user: { id: '1' } } as never, () => {})).message).toContain(
      'run: unknown option "user"',
    );
  });

  it('of close do not make a client that can never be closed', async () => {
    const { vero } = makeClient();
    expect(await rejection(vero.close({ timeout: -1 }))).toContain('close: option "timeout"');
    expect(vero.health().ok).toBe(true);
    await vero.close();
    expect(vero.health().reasons).toEqual(['the client is closed']);
  });
});

async function rejection(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'nothing was refused',
    (thrown: VeroError) => {
      expect(thrown.code).toBe('VERO_CONFIG');
      return thrown.message;
    },
  );
}

describe('the name that was probably meant', () => {
  it('is looked for among names of a similar length only: a name may be endless', () => {
    const other = {
      length: 6,
      toLowerCase: () => {
        throw new Error('compared');
      },
    };
    expect(closest('x'.repeat(100_000), [other as unknown as string])).toBeUndefined();
    expect(() => closest('logout', [other as unknown as string])).toThrow('compared');
    expect(closest('loged_out', ['x', 'logged_out'])).toBe('logged_out');
  });
});
