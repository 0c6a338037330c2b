import { afterEach, describe, expect, it, vi } from 'vitest';
import { createVero, isVeroError, type Vero, type VeroOptions } from '../src/index.ts';
import { JANE, makeClient, TOKEN, track } from './clients.ts';
import { passTime } from './clock.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const inMemory = { transport: { send: async () => ({ status: 200 }) } };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A client to which nobody listens, and what its logger was told. */
function unheard(options: VeroOptions = {}): { vero: Vero; logged: [code: string, message: string][] } {
  const logged: [string, string][] = [];
  const logger = (message: string, code: string): void => void logged.push([code, message]);
  return { vero: track(createVero({ authToken: TOKEN, ...inMemory, logger, ...options })), logged };
}

describe('on', () => {
  it('tells each listener, in the order in which they came, until it is unsubscribed', () => {
    const { vero } = makeClient(inMemory);
    const heard: string[] = [];
    const listener = (): void => void heard.push('a');
    const off = vero.on('skipped', listener);
    vero.on('skipped', () => heard.push('b'));
    const offAgain = vero.on('skipped', listener);
    vero.track('n');
    expect(heard).toEqual(['a', 'b', 'a']);
    off();
    off();
    vero.track('n');
    expect(heard.slice(3)).toEqual(['b', 'a']);
    offAgain();
    vero.track('n');
    expect(heard.slice(5)).toEqual(['b']);
  });

  it.each([
    ['an event that there is not', 'sent', () => {}, 'on: no event "sent"; there are delivered, retrying'],
    ['no function', 'skipped', undefined, 'on: its listener must be a function'],
  ])('refuses %s', (_what, name, listener, message) => {
    const { vero } = makeClient();
    try {
      vero.on(name as 'skipped', listener as never);
    } catch (thrown) {
      expect(isVeroError(thrown) && thrown.code).toBe('VERO_CONFIG');
      expect((thrown as Error).message).toContain(message);
      return;
    }
    expect.fail('nothing was refused');
  });
});

describe('an event that is not delivered', () => {
  const failing: VeroOptions = {
    transport: { send: async () => ({ status: 503 }) },
    delivery: { retry: { baseMs: 1, maxMs: 5 } },
  };
  const late = (logged: [string, string][]) => logged.filter(([code]) => code === 'VERO_RETRYING');
  const moreRetries = async (vero: Vero): Promise<void> => {
    const before = vero.stats().retries;
    await expect.poll(() => vero.stats().retries).toBeGreaterThan(before + 1);
  };

  it('is told to the logger when it is five seconds old, and once a minute', async () => {
    const { vero, logged } = unheard(failing);
    vero.track('n', { identity: JANE });
    await moreRetries(vero);
    expect(late(logged)).toEqual([]);
    passTime(5_000);
    await moreRetries(vero);
    // A busy machine is late itself.
    const message = /^Event "n" is not delivered after \d+ s, and is tried again: Vero answered 503$/;
    expect(late(logged)).toEqual([['VERO_RETRYING', expect.stringMatching(message)]]);
    passTime(61_000);
    await moreRetries(vero);
    expect(late(logged)).toHaveLength(2);
    await vero.close({ timeout: 0 });
  });

  it('is not told while delivery is paused, which says as much', async () => {
    const { vero, logged } = unheard(failing);
    for (let n = 0; n < 5; n++) vero.track('n', { identity: JANE });
    await expect.poll(() => vero.stats().paused).toBe('unreachable');
    passTime(6_000);
    await moreRetries(vero);
    expect(logged.map(([code]) => code)).toEqual(['VERO_PAUSED_unreachable']);
    await vero.close({ timeout: 0 });
  });
});

describe('a listener that fails', () => {
  it.each([
    [
      'throws',
      (problem: Error): void => {
        throw problem;
      },
    ],
    ['rejects', (problem: Error): Promise<void> => Promise.reject(problem)],
  ])('is contained and told when it %s, and the others hear all the same', async (_how, fail) => {
    const { vero, told } = makeClient(inMemory);
    const problem = new Error('no');
    const heard: string[] = [];
    vero.on('delivered', () => fail(problem));
    vero.on('delivered', ({ event }) => heard.push(event.name));
    vero.track('n', { identity: JANE });
    await vero.flush();
    await turn();
    expect(heard).toEqual(['n']);
    expect(told.error.map(({ error }) => [error.code, error.message, error.cause])).toEqual([
      ['VERO_LISTENER_FAILED', 'A listener of "delivered" failed: no', problem],
    ]);
  });

  it.each([
    [
      'throws',
      (): void => {
        throw new Error('again');
      },
    ],
    ['rejects', (): Promise<void> => Promise.reject(new Error('again'))],
  ])('is only logged when it listens to errors and %s: it is never told of itself', async (_how, fail) => {
    const { vero, logged } = unheard();
    let calls = 0;
    vero.on('error', () => {
      calls++;
      return fail();
    });
    vero.cancelTracking('outside');
    await turn();
    expect(calls).toBe(1);
    expect(logged).toEqual([['VERO_LISTENER_FAILED', 'A listener of "error" failed: again']]);
  });
});

describe('a problem that nobody listens for', () => {
  const cases: [what: string, code: string, cause: (vero: Vero) => void, options?: VeroOptions][] = [
    ['an invalid event', 'VERO_INVALID_EVENT', (vero) => vero.track('n', { identity: { id: '' } })],
    ['an event of nobody', 'VERO_NO_IDENTITY', (vero) => vero.track('n')],
    ['trackOnSuccess outside any scope', 'VERO_NO_SCOPE', (vero) => vero.trackOnSuccess('n')],
    ['cancelTracking outside any scope', 'VERO_NO_SCOPE', (vero) => vero.cancelTracking()],
    [
      'an attribute that was left out',
      'VERO_ATTRIBUTE_OMITTED',
      (vero) => vero.track('n', { identity: { ...JANE, password: 'tok_secret_password' } }),
    ],
    [
      'a hook that failed',
      'VERO_CALLBACK_FAILED',
      (vero) => vero.track('n', { identity: JANE }),
      {
        beforeAccept: () => {
          throw new Error('no');
        },
      },
    ],
    [
      'a rejected event',
      'VERO_REJECTED',
      (vero) => vero.track('n', { identity: JANE }),
      { transport: { send: async () => ({ status: 400, message: 'bad' }) } },
    ],
    [
      'a pause',
      'VERO_PAUSED_unauthorized',
      (vero) => vero.track('n', { identity: JANE }),
      { transport: { send: async () => ({ status: 401 }) } },
    ],
  ];

  it.each(cases)('is logged: %s, as %s, without identity or data', async (_what, code, cause, options) => {
    const { vero, logged } = unheard(options);
    cause(vero);
    await vero.flush({ timeout: 50 });
    expect(logged.map(([loggedAs]) => loggedAs)).toEqual([code]);
    expect(logged[0]?.[1]).not.toContain('jane@example.com');
    expect(String(logged[0]?.[1]).includes('tok_secret_')).toBe(false);
  });

  it('is logged when it is a drop, with its reason', async () => {
    const { vero, logged } = unheard();
    await vero.close();
    vero.track('late', { identity: JANE });
    expect(logged).toEqual([['VERO_DROPPED_closed', 'Event "late" was dropped: closed']]);
  });

  it('is logged once a minute for each code', () => {
    const { vero, logged } = unheard();
    for (let n = 0; n < 5; n++) vero.track('n');
    vero.cancelTracking();
    expect(logged.map(([code]) => code)).toEqual(['VERO_NO_IDENTITY', 'VERO_NO_SCOPE']);
    passTime(59_000);
    vero.track('n');
    expect(logged).toHaveLength(2);
    passTime(1_000);
    vero.track('n');
    expect(logged.slice(2).map(([code]) => code)).toEqual(['VERO_NO_IDENTITY']);
  });

  it('is not logged when somebody listens, nor when it is no problem', async () => {
    const { vero, logged } = unheard();
    const off = vero.on('skipped', () => {});
    vero.track('n');
    vero.run({ identity: JANE }, () => {
      vero.trackOnSuccess('cancelled');
      vero.cancelTracking();
    });
    vero.track('fine', { identity: JANE });
    await vero.flush();
    expect(logged).toEqual([]);
    off();
    vero.track('n');
    expect(logged.map(([code]) => code)).toEqual(['VERO_NO_IDENTITY']);
  });

  it('goes to process.emitWarning without a logger', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    unheard({ logger: undefined as never }).vero.track('n');
    expect(warn.mock.calls).toEqual([
      [
        'Event "n" was not sent: no identity. See the option "identify".',
        { type: 'VerotrackWarning', code: 'VERO_NO_IDENTITY' },
      ],
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('full disk');
      },
    ],
  ])('harms nothing when the logger %s', async (_how, logger) => {
    const { vero } = unheard({ logger });
    vero.track('n');
    vero.track('n', { identity: JANE });
    await vero.flush();
    expect(vero.stats()).toMatchObject({ delivered: 1, skipped: { 'no-identity': 1 } });
  });
});
