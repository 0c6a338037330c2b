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
