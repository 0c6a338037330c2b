import { describe, expect, it } from 'vitest';
import type { Transport } from '../src/index.ts';
import { expectNoCredential, JANE, makeClient, TOKEN } from './clients.ts';

const event = { identity: JANE };

describe('a transport of somebody else', () => {
  it('gets the body without the credential, and the credential beside it', async () => {
    const seen: unknown[] = [];
    const { vero } = makeClient({
      baseUrl: 'https://vero.example/base',
      delivery: { timeoutMs: 1_234 },
      transport: {
        send: async ({ body, credential, url, timeoutMs, headers }) => {
          seen.push({
            body: JSON.parse(body).event_name,
            isToken: credential === TOKEN,
            url,
            timeoutMs,
            headers,
          });
          expectNoCredential(body, headers, url);
          return { status: 200 };
        },
      },
    });
    vero.track('n', event);
    await vero.flush();
    expect(seen).toEqual([
      {
        body: 'n',
        isToken: true,
        url: 'https://vero.example/base/api/v2/events/track',
        timeoutMs: 1_234,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'user-agent': expect.any(String),
        },
      },
    ]);
  });

  it('may hand on a copy of what it was given, in which the signal is, too', async () => {
    const signals: AbortSignal[] = [];
    const hang: Transport['send'] = ({ signal }) => {
      signals.push(signal);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const { vero, told, until } = makeClient({
      transport: {
        send: (request) => hang({ ...request, headers: { ...request.headers, 'x-via': 'copy' } }),
      },
      delivery: { timeoutMs: 30, retry: { baseMs: 60_000, maxMs: 60_000 } },
    });
    vero.track('n', event);
    await until('retrying');
    expect(told.retrying[0]?.error.message).toContain('no answer within 30 ms');
    expect(signals).toMatchObject([{ aborted: true }]);
  });

  it('that heeds no signal holds no place for ever', async () => {
    let calls = 0;
    const transport: Transport = {
      send: () => (calls++ === 0 ? new Promise(() => {}) : Promise.resolve({ status: 200 })),
    };
    const { vero, told } = makeClient({ transport, delivery: { concurrency: 1, timeoutMs: 30 } });
    vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ delivered: 1 });
    expect(told.retrying).toHaveLength(1);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['answers nothing', async () => undefined as never],
  ])('that %s is tried again', async (_what, send) => {
    let calls = 0;
    const { vero, told } = makeClient({
      transport: { send: () => (calls++ === 0 ? send() : Promise.resolve({ status: 200 })) },
    });
    vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ delivered: 1 });
    expect(told.retrying[0]?.error.message).toContain('Vero could not be reached');
  });
});
