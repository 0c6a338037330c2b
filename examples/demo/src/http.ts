import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';

export interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Leaves as soon as this was read. */
  readonly leavesAt?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What was read of it. */
  readonly body: string;
  /** Whether there was more to read. */
  readonly isAborted: boolean;
}

/**
 * Asks over a connection of its own, and waits until that has closed: a server closes it when its response is over, so
 * whatever the response decides has been decided. Only a visitor who leaves closes it first.
 */
export async function ask(baseUrl: string, question: Question): Promise<Answer> {
  const { method, path, headers, body, leavesAt } = question;
  const signal = AbortSignal.timeout(20_000);
  const asked = request(new URL(path, baseUrl), { method, headers: { ...headers }, agent: false, signal });
  asked.end(body);
  const [socket] = (await once(asked, 'socket')) as [Socket];
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
    if (leavesAt && text.includes(leavesAt)) break;
  }
  const { statusCode = 0, headers: answered, complete } = response;
  await closed;
  return { status: statusCode, headers: answered, body: text, isAborted: !complete };
}
