import { type ServerResponse, STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';

/** Answers with this status; the event is not stored. */
export interface StatusFault {
  /** 200 to 599. */
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>> | undefined;
  /**
   * Text, or an object that is sent as JSON.
   * @default `{ status, message }`, as Vero answers
   */
  readonly body?: string | object | undefined;
}

/** Handles the request at once, and answers it after `delayMs`. */
export interface DelayFault {
  readonly delayMs: number;
}

/**
 * What may go wrong with a track request, once it has been read.
 *
 * - `hang`: it is never answered, and the event is not stored
 * - `hang-body`: it is handled, but after the headers and half the body of the answer nothing more comes
 * - `drop`: the socket is destroyed, and the event is not stored
 * - `accept-then-drop`: the event is stored, then the socket is destroyed: a lost answer
 */
export type Fault = 'hang' | 'hang-body' | 'drop' | 'accept-then-drop' | StatusFault | DelayFault;

export interface Answer {
  readonly status: number;
  readonly message: string;
  readonly headers?: StatusFault['headers'];
}

export const MAX_DELAY_MS: number = 2 ** 31 - 1;

/** The faults to come. */
export class Faults {
  readonly #next: { readonly fault: Fault; left: number }[] = [];
  #standing: { readonly fault: Fault }[] = [];

  failNext(fault: Fault, count: number): void {
    if (!Number.isSafeInteger(count) || count < 1)
      throw new RangeError('count must be a whole number from 1');
    this.#next.push({ fault: checked(fault), left: count });
  }

  fail(fault: Fault): () => void {
    const entry = { fault: checked(fault) };
    this.#standing.push(entry);
    return () => {
      this.#standing = this.#standing.filter((each) => each !== entry);
    };
  }

  take(): Fault | undefined {
    const [next] = this.#next;
    if (!next) return this.#standing.at(-1)?.fault;
    next.left -= 1;
    if (next.left === 0) this.#next.shift();
    return next.fault;
  }
}

/** Whether a request with this fault is handled like any other before its answer goes wrong. */
export function isHandled(fault: Fault | undefined): boolean {
  return fault !== 'hang' && fault !== 'drop' && !(typeof fault === 'object' && 'status' in fault);
}

/** The status that the client gets to see, if any. */
export function statusSeen(fault: Fault | undefined, answer: Answer): number | undefined {
  if (typeof fault === 'object' && 'status' in fault) return fault.status;
  return fault === 'hang' || fault === 'drop' || fault === 'accept-then-drop' ? undefined : answer.status;
}

export function respond(res: ServerResponse, answer: Answer, fault?: Fault): void {
  if (fault === 'hang') return;
  if (fault === 'drop' || fault === 'accept-then-drop') {
    res.destroy();
  } else if (fault === 'hang-body') {
    const text = writeHead(res, answer);
    res.setHeader('content-length', Buffer.byteLength(text));
    res.write(text.slice(0, text.length / 2));
  } else if (fault === undefined) {
    res.end(writeHead(res, answer));
  } else if ('status' in fault) {
    const message = STATUS_CODES[fault.status] ?? 'Fault';
    res.end(writeHead(res, { message, ...fault }));
  } else {
    const timer = setTimeout(() => res.end(writeHead(res, answer)), fault.delayMs);
    res.once('close', () => clearTimeout(timer));
  }
}

/** Sets status and headers. @returns the body to send */
function writeHead(res: ServerResponse, { status, message, headers, body }: Answer & StatusFault): string {
  res.statusCode = status;
  res.setHeader('content-type', typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json');
  for (const [name, value] of Object.entries(headers ?? {})) res.setHeader(name, value);
  return typeof body === 'string' ? body : JSON.stringify(body ?? { status, message });
}

/** A copy that nobody changes any more. @throws before any request meets a fault that makes no sense */
function checked(fault: Fault): Fault {
  if (fault === 'hang' || fault === 'hang-body' || fault === 'drop' || fault === 'accept-then-drop')
    return fault;
  if (typeof fault !== 'object' || fault === null || 'status' in fault === 'delayMs' in fault) {
    throw new TypeError(
      "A fault is 'hang', 'hang-body', 'drop', 'accept-then-drop', { status, … } or { delayMs }",
    );
  }
  if ('delayMs' in fault) {
    if (!(fault.delayMs >= 0 && fault.delayMs <= MAX_DELAY_MS))
      throw new RangeError('delayMs is out of range');
    return Object.freeze({ delayMs: fault.delayMs });
  }
  const { status, headers, body } = fault;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new RangeError('The status of a fault must be from 200 to 599');
  }
  for (const [name, value] of Object.entries(headers ?? {})) {
    validateHeaderName(name);
    validateHeaderValue(name, String(value));
  }
  return Object.freeze({
    status,
    headers: headers && Object.freeze({ ...headers }),
    body: body && JSON.parse(JSON.stringify(body)),
  });
}
