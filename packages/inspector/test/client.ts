import { once } from 'node:events';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Inspector, type InspectorOptions, startInspector } from '../src/index.ts';

export const TOKEN = 'tok_secret_inspector_0042';

export const SIGN_UP = {
  auth_token: TOKEN,
  event_name: 'user_signed_up',
  identity: { id: '1', email: 'janedoe@getvero.com' },
};

/** Word for word as in Vero's Events API documentation. */
export const SEED_SIGN_UP = `{
  "auth_token": "your_auth_token",
  "identity": {
    "id": "1",
    "email": "janedoe@getvero.com"
  },
  "event_name": "user_signed_up"
}`;
export const SEED_ADD_TO_CART = `{
  "auth_token": "your_auth_token",
  "identity": {
    "id": "1",
    "email": "janedoe@getvero.com"
  },
  "event_name": "add_to_cart",
  "data": {
    "item_name": "Blue shoes",
    "item_price": 40.00
  }
}`;

/** An inspector that ends with the test. */
export async function start(options?: InspectorOptions): Promise<Inspector> {
  const inspector = await startInspector(options);
  onTestFinished(() => inspector.close());
  return inspector;
}

export function post(
  inspector: Inspector,
  body: unknown = SIGN_UP,
  init: RequestInit = {},
): Promise<Response> {
  return fetch(`${inspector.url}/api/v2/events/track`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
  });
}

/** Sends bytes that `fetch` would not, and resolves with all that came back once the connection ends. */
export async function raw(inspector: Inspector, text: string): Promise<string> {
  const socket = connect(Number(new URL(inspector.url).port), '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    answer += chunk;
  });
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

/** Whether a promise is still open, now that everything that was due has run. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open');
  const later = new Promise((resolve) => setImmediate(resolve, open));
  const settled = promise.catch(() => undefined);
  return (await Promise.race([settled, later])) === open;
}
