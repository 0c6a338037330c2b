import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createVero, memoryQueue, type VeroOptions } from '../src/index.ts';
import { JANE, makeClient, TOKEN, track } from './clients.ts';
import { fakeVero } from './fake-vero.ts';

const event = { identity: JANE };

/** Functions that should give nothing, and are async by mistake: their rejection would end the process. */
describe('a function of the user that rejects', () => {
  const unhandled: unknown[] = [];
  const note = (thrown: unknown): void => void unhandled.push(thrown);

  beforeEach(() => {
    unhandled.length = 0;
    process.on('unhandledRejection', note);
  });
  afterEach(() => {
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  const rejects = async (): Promise<never> => {
    throw new Error('broken');
  };

  it('as beforeAccept refuses the event, and is told', async () => {
    const { vero, told } = makeClient({ beforeAccept: rejects as never });
    vero.track('n', event);
    await new Promise(setImmediate);
    expect(vero.stats().skipped).toEqual({ refused: 1 });
    expect(told.error).toMatchObject([{ callback: 'beforeAccept' }]);
  });

  it('as the logger is contained', async () => {
    const logger = vi.fn(rejects);
    const vero = track(createVero({ authToken: TOKEN, logger }));
    vero.track('', event);
    await new Promise(setImmediate);
    expect(logger).toHaveBeenCalledOnce();
  });

  it('as waitUntil is told', async () => {
    const server = await fakeVero();
    const { vero, told } = makeClient({ baseUrl: server.url, waitUntil: rejects });
    vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ delivered: 1 });
    expect(told.error).toMatchObject([{ callback: 'waitUntil', error: { code: 'VERO_CALLBACK_FAILED' } }]);
  });

  it('as a listener is told', async () => {
    const { vero, told } = makeClient();
    vero.on('invalid', rejects as () => void);
    vero.track('', event);
    await new Promise(setImmediate);
    expect(told.error).toMatchObject([{ error: { code: 'VERO_LISTENER_FAILED' } }]);
  });

  it.each<[string, VeroOptions['queue'] & object]>([
    [
      'gives a promise that is none of ours',
      Object.assign(memoryQueue(), {
        // biome-ignore lint/suspicious/noThenProperty: that is the point.
        put: () => ({ then: (resolve: (dropped: []) => void) => resolve([]) }) as never,
      }),
    ],
    ['forgets to say what it dropped', Object.assign(memoryQueue(), { put: async () => undefined as never })],
  ])('as a queue that %s does no harm', async (_what, queue) => {
    const { vero } = makeClient({ queue });
    vero.track('n', event);
    await new Promise(setImmediate);
    expect(vero.stats().accepted).toBe(1);
  });
});
