import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve } from '../../test-helpers/listen.ts';
import { localVero } from '../../test-helpers/local-vero.ts';

const vero = localVero();
const jane = { id: '42', email: 'jane@example.com' };

/** Vercel's side of `waitUntil`: what a request asks it to wait for, by the symbol that `@vercel/functions` reads. */
const requests = new AsyncLocalStorage<{ waitUntil: (promise: Promise<unknown>) => void }>();
const symbol = Symbol.for('@vercel/request-context');
beforeAll(() => {
  Object.assign(globalThis, { [symbol]: { get: () => requests.getStore() } });
});
afterAll(() => {
  Reflect.deleteProperty(globalThis, symbol);
});

/** Serves one request, and is over when the platform would freeze the function. */
async function invoke<T>(serve: () => Promise<T>): Promise<T> {
  const promises: Promise<unknown>[] = [];
  const answer = await requests.run({ waitUntil: (promise) => promises.push(promise) }, serve);
  expect(promises).toHaveLength(1);
  await Promise.all(promises);
  return answer;
}

const received = () => vero.inspector.events().map(({ name, identity, data }) => ({ name, identity, data }));

describe('an Express application on Vercel', () => {
  const order = async (item: string): Promise<number> => {
    const { default: app } = await import('../src/serverless/vercel-express.ts');
    app.set('env', 'test');
    return await invoke(async () => {
      // The listener runs in the async context that it was made in, as each request does on Vercel.
      const answer = AsyncLocalStorage.bind(app);
      const site = await serve((req, res) => void answer(req, res));
      const response = await fetch(`${site.url}/orders`, {
        method: 'POST',
        headers: { authorization: '42', 'content-type': 'application/json' },
        body: JSON.stringify({ item }),
      });
      await response.arrayBuffer();
      site.close();
      return response.status;
    });
  };

  test('is kept awake until Vero has the event of the request', async () => {
    vero.inspector.failNext({ status: 503 }); // so that it takes a while
    expect(await order('Blue shoes')).toBe(201);
    expect(received()).toMatchObject([{ name: 'purchased', identity: jane }]);
  });

  test('sends nothing of a request that failed', async () => {
    expect(await order('sold out')).toBe(500);
    expect(received()).toEqual([]);
  });
});

describe('a route handler with tRPC', () => {
  const order = async (item: string): Promise<number> => {
    const { POST } = await import('../src/serverless/route.ts');
    const request = new Request('https://shop.example.com/api/trpc/placeOrder', {
      method: 'POST',
      headers: { authorization: '42', 'content-type': 'application/json' },
      body: JSON.stringify({ item }),
    });
    return await invoke(async () => {
      const response = await POST(request);
      await response.text();
      return response.status;
    });
  };

  test('is kept awake until Vero has the event of the call', async () => {
    vero.inspector.failNext({ status: 503 });
    expect(await order('Blue shoes')).toBe(200);
    expect(received()).toEqual([{ name: 'purchased', identity: jane, data: { item_name: 'Blue shoes' } }]);
  });

  test('sends nothing of a call that failed', async () => {
    expect(await order('sold out')).toBe(500);
    expect(received()).toEqual([]);
  });

  test('tracks in the background where there is no platform that waits', async () => {
    const { POST } = await import('../src/serverless/route.ts');
    const body = JSON.stringify({ item: 'Blue shoes' });
    const headers = { authorization: '42', 'content-type': 'application/json' };
    await POST(new Request('http://localhost:3000/api/trpc/placeOrder', { method: 'POST', headers, body }));
    expect(await vero.inspector.waitForEvent('purchased')).toMatchObject({ identity: jane });
  });
});
