import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import { Attachment } from './attachment.ts';

/** Node's requests, over HTTP/1.1 and HTTP/2. */
export type HttpRequest = IncomingMessage | Http2ServerRequest;
/** Node's responses, over HTTP/1.1 and HTTP/2. */
export type HttpResponse = ServerResponse | Http2ServerResponse;

/** How a response ended, as far as this process can know. */
export interface SettledResponse {
  /** It went out whole. */
  readonly sent: boolean;
  /** Its end was written, even if the client had left. */
  readonly answered: boolean;
  /** Its status. */
  readonly status: number;
}

/** Node's own request or response: some frameworks extend it (Express), others wrap it (Fastify). */
export function rawMessage<Message extends object>(message: object): Message {
  return ((message as { readonly raw?: object }).raw ?? message) as Message;
}

type Callback = (response: SettledResponse) => void;

// One set of listeners for each response and each socket, however many clients, calls of a batch or requests of a
// kept-alive connection wait for them. The entries hold nothing but what is still to be told.
const waitingForResponse = new Attachment<Callback[]>('waiting');
const waitingForSocket = new Attachment<Set<() => void>>('waiting');

/** Calls `settled` once, when the response is over. `settled` must not throw. */
export function onResponseSettled(request: HttpRequest, response: HttpResponse, settled: Callback): void {
  const known = waitingForResponse.get(response);
  if (known) {
    known.push(settled);
    return;
  }
  const callbacks = [settled];
  waitingForResponse.set(response, callbacks);
  watch(request, response, (end) => {
    waitingForResponse.clear(response);
    for (const callback of callbacks) callback(end);
  });
}

function watch(request: HttpRequest, response: HttpResponse, settled: Callback): void {
  // Kept from the start: a response that is over has let go of its socket.
  const socket: Socket | undefined = request.socket ?? undefined;
  const isHttp2 = 'stream' in response;
  let isFinished = response.writableFinished;
  let isSettled = false;

  const isSent = (): boolean => {
    if (isHttp2) {
      // A cancelled stream counts as finished, too.
      const { stream, writableEnded } = response as Http2ServerResponse;
      return isFinished && writableEnded && !stream.aborted && stream.rstCode === 0;
    }
    // Node 22 says `finish` though the client left during a large `end()`: only the socket tells.
    return isFinished && !socket?.errored;
  };
  const settle = (): void => {
    if (isSettled) return;
    isSettled = true;
    forget();
    response.removeListener('close', settle);
    response.removeListener('finish', settle);
    response.removeListener('finish', finish);
    settled({ sent: isSent(), answered: response.writableEnded, status: response.statusCode });
  };
  const finish = (): void => {
    isFinished = true;
  };
  // What stands in for a connection on AWS Lambda emits nothing, and its response never closes.
  const isConnected = typeof socket?.once === 'function';
  // On Node 22 a response queued behind another never closes when its connection dies.
  const forget = isHttp2 || !isConnected ? () => {} : onSocketClose(socket, settle);

  if (isOver(response, socket)) return queueMicrotask(settle);
  response.on('finish', finish);
  response.on(isConnected || isHttp2 ? 'close' : 'finish', settle);
}

function isOver(response: HttpResponse, socket: Socket | undefined): boolean {
  if ('stream' in response) return response.stream.destroyed;
  return response.closed || response.destroyed || socket?.destroyed === true;
}

function onSocketClose(socket: Socket, callback: () => void): () => void {
  let callbacks = waitingForSocket.get(socket);
  if (!callbacks) {
    const own = new Set<() => void>();
    callbacks = own;
    waitingForSocket.set(socket, own);
    // Responses close first where they can, and know more; so this comes after them.
    socket.once('close', () =>
      setImmediate(() => {
        for (const waiting of [...own]) waiting();
      }),
    );
  }
  callbacks.add(callback);
  return () => callbacks.delete(callback);
}

/** Calls `answered` when the code of a request whose client has left ends its response after all. */
export function onLateEnd(response: HttpResponse, answered: () => void): void {
  const { end } = response;
  // Put on this one response only, and only after its client has gone: nobody reads it any more.
  response.end = function lateEnd(this: HttpResponse, ...args: unknown[]) {
    response.end = end;
    const result = Reflect.apply(end, this, args);
    answered();
    return result;
  } as typeof end;
}
