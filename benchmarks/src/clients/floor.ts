/** What can be written by hand, without a queue and without a retry: what a client could at most reach. */
import { Agent, request as httpRequest } from 'node:http';
import type { CartEvent } from '../event.ts';
import { type Client, type ClientOptions, NOTHING_WAITS } from './client.ts';

interface Payload extends Pick<CartEvent, 'identity' | 'data'> {
  readonly auth_token: string;
  readonly event_name: string;
  readonly extras: { readonly created_at: string };
}

const PATH = '/api/v2/events/track';
const HEADERS = { 'content-type': 'application/json' };

const floor: Pick<Client<Payload>, 'shape' | 'flush' | 'close'> = {
  ...NOTHING_WAITS,
  shape: ({ name, identity, data }) => ({
    auth_token: 'tok_secret_benchmark',
    event_name: name,
    identity,
    data,
    extras: { created_at: new Date().toISOString() },
  }),
  close: () => Promise.resolve(),
};

export async function undiciRequest({ url }: ClientOptions): Promise<Client<Payload>> {
  const { request } = await import('undici');
  return {
    ...floor,
    capture: async (payload) => {
      const answer = await request(url + PATH, {
        method: 'POST',
        headers: HEADERS,
        body: JSON.stringify(payload),
      });
      await answer.body.dump();
      expectOk(answer.statusCode);
    },
  };
}

export function nodeHttp({ url }: ClientOptions): Client<Payload> {
  const agent = new Agent({ keepAlive: true });
  return {
    ...floor,
    capture: (payload) =>
      new Promise<void>((resolve, reject) => {
        const body = JSON.stringify(payload);
        const headers = { ...HEADERS, 'content-length': Buffer.byteLength(body) };
        const request = httpRequest(url + PATH, { method: 'POST', agent, headers }, (answer) => {
          answer.resume().once('end', () => {
            try {
              expectOk(answer.statusCode);
              resolve();
            } catch (thrown) {
              reject(thrown);
            }
          });
        });
        request.once('error', reject).end(body);
      }),
  };
}

export function globalFetch({ url }: ClientOptions): Client<Payload> {
  return {
    ...floor,
    capture: async (payload) => {
      const answer = await fetch(url + PATH, {
        method: 'POST',
        headers: HEADERS,
        body: JSON.stringify(payload),
      });
      await answer.arrayBuffer();
      expectOk(answer.status);
    },
  };
}

export async function plainKy({ url }: ClientOptions): Promise<Client<Payload>> {
  const { default: ky } = await import('ky');
  return {
    ...floor,
    capture: async (payload) => {
      const answer = await ky.post(url + PATH, { json: payload, retry: 0 });
      await answer.arrayBuffer();
    },
  };
}

function expectOk(status: number | undefined): void {
  if (status !== 200) throw new Error(`The answer was ${status}`);
}
