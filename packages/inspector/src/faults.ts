import { type ServerResponse, STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import { labelOf } from './fault-label.ts';
import type { FaultState } from './page-contract.ts';

/** Answers with this status; the event is not stored. */
export interface StatusFault {
  /** 200 to 599. */
  readonly status: number;
  /** Headers of the answer, beside its own. @default none */
  readonly headers?: Readonly<Record<string, string | number>> | undefined;
  /**
   * Text, or an object that is sent as JSON.
   * @default `{ status, message }`, as Vero answers
   */
  readonly body?: string | object | undefined;
}

/** Handles the request at once, and answers it after `delayMs`. */
export interface DelayFault {
  /** In milliseconds. */
  readonly delayMs: number;
}

/**
 * What may go wrong with a request to the Track API (the heartbeat aside), once it has been read.
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
const MAX_PENDING = 10_000;

interface Pending {
  readonly id: string;
  readonly fault: Fault;
  /** Requests that still get it; `null` for all. */
  left: number | null;
  /** When it ends by itself, in milliseconds since 1970. */
  readonly until: number | null;
  readonly timer: NodeJS.Timeout | undefined;
}

/** The faults to come. */
export class Faults {
  #pending: Pending[] = [];
  #lastId = 0;
  readonly #onChange: () => void;

  constructor(onChange: () => void = () => {}) {
    this.#onChange = onChange;
  }

  /** @returns its id */
  failNext(fault: Fault, count: number): string {
    if (!Number.isSafeInteger(count) || count < 1)
      throw new RangeError('count must be a whole number from 1');
    return this.#begin(fault, { left: count });
  }

  /** @returns its id */
  failFor(fault: Fault, ms: number): string {
    if (!(ms >= 1 && ms <= MAX_DELAY_MS)) throw new RangeError('forMs is out of range');
    return this.#begin(fault, { forMs: ms });
  }

  fail(fault: Fault): () => void {
    const id = this.#begin(fault, {});
    return () => {
      this.end(id);
    };
  }

  /** @returns whether there was one */
  end(id: string): boolean {
    const found = this.#pending.find((each) => each.id === id);
    if (!found) return false;
    clearTimeout(found.timer);
    this.#pending = this.#pending.filter((each) => each !== found);
    this.#onChange();
    return true;
  }

  /** The one for this request: first what is counted, in order, then the latest of those that stay. */
  take(): Fault | undefined {
    const next = this.#pending.find(({ left }) => left !== null);
    if (!next || next.left === null) return this.#pending.at(-1)?.fault;
    next.left -= 1;
    if (next.left === 0) this.end(next.id);
    else this.#onChange();
    return next.fault;
  }

  states(): readonly FaultState[] {
    return this.#pending.map(({ id, fault, left, until }) => ({ id, label: labelOf(fault), left, until }));
  }

  close(): void {
    for (const { timer } of this.#pending) clearTimeout(timer);
  }

  #begin(fault: Fault, { left = null, forMs }: { left?: number | null; forMs?: number }): string {
    const copy = checked(fault);
    if (this.#pending.length >= MAX_PENDING) {
      throw new RangeError(`There are ${MAX_PENDING} faults to come already: end one first`);
    }
    this.#lastId += 1;
    const id = String(this.#lastId);
    const until = forMs === undefined ? null : Date.now() + forMs;
    const timer = forMs === undefined ? undefined : setTimeout(() => this.end(id), forMs);
    timer?.unref();
    this.#pending.push({ id, fault: copy, left, until, timer });
    this.#onChange();
    return id;
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
