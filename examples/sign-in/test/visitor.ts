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
