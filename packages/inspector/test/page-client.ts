import type { Inspector } from '../src/index.ts';
import type { Entry, EntrySummary } from '../src/page-contract.ts';

/** What the page would get from the inspector. */
export async function ask<T>(inspector: Inspector, path: string, body?: unknown): Promise<T> {
  const init = body === undefined ? {} : asJson(body);
  const response = await fetch(`${inspector.url}/_/api/${path}`, init);
  return (await response.json()) as T;
}

export function asJson(body: unknown, method = 'POST'): RequestInit {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** A call about a user, as Vero takes it. */
export async function call(
  inspector: Inspector,
  method: string,
  path: string,
  body: object,
): Promise<Response> {
  const credential = { auth_token: 'tok_secret_users' };
  return await fetch(`${inspector.url}/api/v2/${path}`, asJson({ ...credential, ...body }, method));
}

/** All entries, as the feed tells them first. */
export async function entries(inspector: Inspector): Promise<readonly EntrySummary[]> {
  const feed = await openFeed(inspector);
  try {
    const { total } = await ask<{ total: number }>(inspector, 'state');
    if (total === 0) return [];
    return (await feed.next<readonly EntrySummary[]>('entries')).data;
  } finally {
    feed.close();
  }
}

export async function lastEntry(inspector: Inspector): Promise<Entry> {
  const last = (await entries(inspector)).at(-1);
  return await ask<Entry>(inspector, `entries/${last?.seq ?? 0}`);
}

export interface Message<T> {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: T;
}

export interface OpenFeed {
  readonly response: Response;
  /** The next message of this name; others before it are passed over, except one that must not come. */
  next<T>(event: string, never?: string): Promise<Message<T>>;
  close(): void;
}

export async function openFeed(
  inspector: Inspector,
  after?: string,
  headers: Record<string, string> = {},
): Promise<OpenFeed> {
  const query = after === undefined ? '' : `?after=${after}`;
  const end = new AbortController();
  const { signal } = end;
  const response = await fetch(`${inspector.url}/_/api/feed${query}`, { headers, signal });
  const messages = read(response.body!);
  return {
    response,
    async next<T>(event: string, never?: string) {
      for (;;) {
        const { value, done } = await messages.next();
        if (done) throw new Error(`The feed ended before "${event}"`);
        if (value.event === never) throw new Error(`There is no "${event}" before "${never}"`);
        if (value.event === event) return value as Message<T>;
      }
    },
    close() {
      end.abort();
    },
  };
}

async function* read(body: ReadableStream<Uint8Array>): AsyncGenerator<Message<unknown>> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const fields = new Map(part.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
      const event = fields.get('event');
      if (event) yield { id: fields.get('id'), event, data: JSON.parse(fields.get('data') ?? 'null') };
    }
  }
}
