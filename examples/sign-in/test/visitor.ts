import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Site {
  readonly url: string;
  close(): void;
}

export async function serve(app: RequestListener): Promise<Site> {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Serves an application while a test runs. @returns its address */
export async function listen(app: RequestListener): Promise<string> {
  const site = await serve(app);
  onTestFinished(() => site.close());
  return site.url;
}

export type Headers = Readonly<Record<string, string>>;

/** Somebody with a browser: it keeps cookies, and here follows no redirect. */
export class Visitor {
  readonly #url: string;
  readonly #cookies = new Map<string, string>();

  constructor(url: string) {
    this.#url = url;
  }

  get(path: string): Promise<Response> {
    return this.#fetch(path, {});
  }

  /** Sends JSON. */
  post(path: string, body: object, headers: Headers = {}): Promise<Response> {
    const own = { 'content-type': 'application/json', ...headers };
    return this.#fetch(path, { method: 'POST', body: JSON.stringify(body), headers: own });
  }

  /** Sends a form. */
  submit(path: string, fields: Record<string, string>): Promise<Response> {
    return this.#fetch(path, { method: 'POST', body: new URLSearchParams(fields) });
  }

  /** Forgets its cookies. */
  forget(): void {
    this.#cookies.clear();
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ');
    const headers = { origin: this.#url, cookie, ...(init.headers as Headers | undefined) };
    const response = await fetch(this.#url + path, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    return response;
  }
}
