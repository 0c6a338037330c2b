import { type Answer, ask } from './http.ts';
import type { Framework } from './shops.ts';

/** One thing that the visitor does. */
export interface Step {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly json?: object | undefined;
  /** As browsers send a form. */
  readonly form?: Record<string, string>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Leaves as soon as this was read. */
  readonly leavesAt?: string;
  /** What the request alone doesn't tell. */
  readonly note?: string;
}

// With the mark that the checks search all output for.
const jane = { email: 'jane@example.com', password: 'tok_secret_of_jane' };
const card = 'tok_secret_card';
const declinedCard = '4000000000000002';

const taken = { note: 'the address is taken' };
const throws = { note: 'the handler throws' };
const leaves = { leavesAt: 'shoes', note: 'left half-way' };

/** What the visitor does in each shop, one after the other. */
export const script: Readonly<Record<Framework, readonly Step[]>> = {
  express: [
    post('/signup', jane),
    { ...post('/signup', jane), ...taken },
    post('/login', jane),
    post('/cart/items', { productId: 'shoes' }),
    get('/cart'),
    { method: 'POST', path: '/purchase', form: { card } },
    post('/cart/items', { productId: 'hat' }),
    { method: 'POST', path: '/purchase', form: { card: declinedCard }, note: 'the card is declined' },
    { ...get('/recommendations'), ...throws },
    { ...get('/catalogue/export'), ...leaves },
  ],
  nest: [
    post('/signup', jane),
    { ...post('/signup', jane), ...taken },
    post('/login', jane),
    post('/cart/items', { productId: 'shoes' }),
    get('/cart'),
    post('/purchase'),
    { ...get('/recommendations'), ...throws },
    { ...get('/catalogue/export'), ...leaves },
  ],
  trpc: [
    post('/signUp', jane),
    { ...post('/signUp', jane), ...taken },
    post('/logIn', jane),
    post('/addToCart', { productId: 'shoes' }),
    {
      ...post('/addToCart,addToCart?batch=1', { 0: { productId: 'hat' }, 1: { productId: 'moon' } }),
      note: 'one call fails',
    },
    get('/cart'),
    post('/purchase'),
    { ...get('/recommendations'), ...throws },
    {
      ...get('/exportCatalogue?batch=1&input={}'),
      headers: { 'trpc-accept': 'application/jsonl' },
      ...leaves,
    },
  ],
};

/** Somebody with a browser, who stays logged in. */
export class Visitor {
  readonly #url: string;
  #credentials: Readonly<Record<string, string>> = {};

  constructor(url: string) {
    this.#url = url;
  }

  async take({ method, path, json, form, headers, leavesAt }: Step): Promise<Answer> {
    const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
    const answer = await ask(this.#url, {
      method,
      path,
      headers: { ...(method === 'POST' ? { 'content-type': type } : {}), ...this.#credentials, ...headers },
      body: form ? new URLSearchParams(form).toString() : json && JSON.stringify(json),
      leavesAt,
    });
    this.#remember(answer);
    return answer;
  }

  /** The session of one shop, the token of the others. */
  #remember({ headers, body }: Answer): void {
    const [cookie] = headers['set-cookie'] ?? [];
    const [, token] = /"token":"([^"]+)"/.exec(body) ?? [];
    if (cookie) this.#credentials = { cookie: cookie.split(';', 1).join() };
    if (token) this.#credentials = { authorization: `Bearer ${token}` };
  }
}

function get(path: string): Step {
  return { method: 'GET', path };
}

function post(path: string, json?: object): Step {
  return { method: 'POST', path, json };
}
