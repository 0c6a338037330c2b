import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Reads to the end even what is too much, for a client that is still sending may not see the answer.
 * @returns `undefined` for more than `limit` bytes
 */
export async function readBody(req: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  let chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= limit) chunks.push(chunk);
    else chunks = [];
  }
  return bytes <= limit ? Buffer.concat(chunks) : undefined;
}

/** The path without the query string. */
export function pathOf(req: IncomingMessage): string {
  return req.url?.split('?', 1)[0] ?? '';
}

export function queryOf(req: IncomingMessage): URLSearchParams {
  const url = req.url ?? '';
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start));
}

export function sendJson(res: ServerResponse, status: number, value: unknown): void {
  res.statusCode = status;
  res.setHeader('content-type', 'application/json; charset=utf-8');
  res.end(JSON.stringify(value));
}
