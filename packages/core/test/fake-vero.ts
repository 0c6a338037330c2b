import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach } from 'vitest';

/** What a fake Vero does with one request. */
export type Answer =
  | number
  | 'hang'
  | 'drop'
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      /** Sends this much of the body, and never its end. */
      readonly hangAfter?: number;
      /** Sends body for as long as the client listens. */
      readonly endless?: boolean;
      /** Answers when this is over. */
      readonly after?: Promise<unknown>;
    };

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent
  readonly body: any;
  readonly at: number;
  /** Which connection it came over, counted from 0. */
  readonly connection: number;
  /** Resolves when the client closed before the answer was over. */
  readonly abandoned: Promise<void>;
}

export type Script = (request: SeenRequest, index: number) => Answer | Promise<Answer>;

export interface FakeVero {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** The names of the events that came, in order. */
  readonly names: readonly string[];
  /** Resolves with the first `count` requests when so many have come. */
  received(count: number): Promise<readonly SeenRequest[]>;
  /** Changes what comes next. */
  answer(script: Script | Answer): void;
  readonly connections: number;
  close(): Promise<void>;
}

const running = new Set<FakeVero>();

afterEach(async () => {
  for (const vero of [...running]) await vero.close();
});

/** A server that answers as it is told. A list is gone through once, and its last answer stays. */
export async function fakeVero(
  script: Script | Answer | readonly Answer[] = 200,
  port = 0,
): Promise<FakeVero> {
  const requests: SeenRequest[] = [];
  const waiting = new Set<() => void>();
  const sockets = new Map<Socket, number>();
  let connections = 0;
  let current = toScript(script);

  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    let abandon = (): void => {};
    const abandoned = new Promise<void>((resolve) => {
      abandon = resolve;
    });
    res.on('close', () => !res.writableFinished && abandon());
    res.on('error', () => {});
    req.on('error', () => {});
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', async () => {
      const text = Buffer.concat(chunks).toString();
      const { method = '', url = '', headers } = req;
      const connection = sockets.get(req.socket) ?? -1;
      const body = JSON.parse(text);
      const seen = { method, url, headers, text, body, at: Date.now(), connection, abandoned };
      requests.push(seen);
      const answer = await current(seen, requests.length - 1);
      for (const check of [...waiting]) check();
      await play(answer, req, res);
    });
  });
  server.on('connection', (socket) => {
    sockets.set(socket, connections++);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));

  const vero: FakeVero = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get names() {
      return requests.map(({ body }) => body.event_name);
    },
    get connections() {
      return connections;
    },
    answer: (next) => {
      current = toScript(next);
    },
    received: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (requests.length < count) return;
          waiting.delete(check);
          resolve(requests.slice(0, count));
        };
        waiting.add(check);
        check();
      }),
    close: async () => {
      running.delete(vero);
      for (const socket of sockets.keys()) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  running.add(vero);
  return vero;
}

/** A URL of this machine where nobody listens. */
export async function nobodyThere(): Promise<string> {
  const vero = await fakeVero();
  await vero.close();
  return vero.url;
}

function toScript(script: Script | Answer | readonly Answer[]): Script {
  if (typeof script === 'function') return script;
  const answers = (Array.isArray(script) ? script : [script]) as readonly Answer[];
  let next = 0;
  return () => answers[Math.min(next++, answers.length - 1)] ?? 200;
}

async function play(answer: Answer, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (answer === 'hang') return;
  if (answer === 'drop') return void req.socket.destroy();
  if (typeof answer === 'number') return play({ status: answer }, req, res);
  await answer.after;
  const { status, headers, body = `{"status":${status}}`, hangAfter, endless } = answer;
  res.writeHead(status, headers);
  if (hangAfter !== undefined) return void res.write(body.slice(0, hangAfter));
  if (!endless) return void res.end(body);
  const more = (): void => {
    while (!res.destroyed && res.write('x'.repeat(16 * 1024))) {
      // Until the client is slower than we are.
    }
  };
  res.on('drain', more);
  more();
}
