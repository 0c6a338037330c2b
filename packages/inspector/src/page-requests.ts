import { type Fault, MAX_DELAY_MS } from './faults.ts';
import type { Place } from './feed.ts';
import type { FaultRequest, PreviewRequest, TriggerRequest } from './page-contract.ts';
import { Refusal } from './refusal.ts';
import { foldName, isObject, isText } from './values.ts';

const MAX_TEMPLATE_CHARACTERS = 100_000;
const MAX_DAYS = 3_650;
const MAX_RETRY_AFTER_S = 86_400;

/** What the page sends, checked. Each throws a {@link Refusal}. */
export function toPreview(value: unknown): PreviewRequest {
  const { template, seq } = object(value);
  if (typeof template !== 'string' || template.length > MAX_TEMPLATE_CHARACTERS) {
    throw bad(`template must be a text of at most ${MAX_TEMPLATE_CHARACTERS} characters`);
  }
  return { template, seq: whole('seq', seq, 0, Number.MAX_SAFE_INTEGER) };
}

export function toTrigger(value: unknown): TriggerRequest {
  const { did, didNot, withinDays, developmentMode = false } = object(value);
  if (!isText(did) || !isText(didNot)) throw bad('did and didNot must be names of events');
  if (foldName(did) === foldName(didNot)) throw bad('did and didNot are one event for Vero: name two');
  if (typeof withinDays !== 'number' || !(withinDays >= 0 && withinDays <= MAX_DAYS)) {
    throw bad(`withinDays must be a number from 0 to ${MAX_DAYS}`);
  }
  if (typeof developmentMode !== 'boolean') throw bad('developmentMode must be true or false');
  return { did, didNot, withinDays, developmentMode };
}

/** How long a fault lasts, one of the two. */
export interface FaultOrder {
  readonly fault: Fault;
  readonly count: number | undefined;
  readonly forMs: number | undefined;
}

export function toFault(value: unknown): FaultOrder {
  const request = object(value) as Partial<Record<keyof FaultRequest, unknown>>;
  const { count, forMs } = request;
  if ((count === undefined) === (forMs === undefined)) throw bad('there must be one of count and forMs');
  return {
    fault: faultOf(request),
    count: count === undefined ? undefined : whole('count', count, 1, 1_000_000),
    forMs: forMs === undefined ? undefined : whole('forMs', forMs, 1, MAX_DELAY_MS),
  };
}

function faultOf({ kind, status, retryAfter, delayMs }: Partial<Record<keyof FaultRequest, unknown>>): Fault {
  if (kind === 'hang' || kind === 'drop' || kind === 'accept-then-drop') return kind;
  if (kind === 'delay') return { delayMs: whole('delayMs', delayMs, 0, MAX_DELAY_MS) };
  if (kind !== 'status') throw bad('kind must be one of status, hang, drop, accept-then-drop, delay');
  const code = whole('status', status, 400, 599);
  if (retryAfter === undefined) return { status: code };
  return { status: code, headers: { 'retry-after': whole('retryAfter', retryAfter, 0, MAX_RETRY_AFTER_S) } };
}

/** An `id` of the feed. A number alone is of no epoch that there is. */
export function toPlace(value: string): Place {
  const [, epoch = '', seq] = /^(?:(\w{1,20})-)?(\d{1,15})$/.exec(value) ?? [];
  if (seq === undefined) throw bad('after must be 0 or an id of the feed');
  return { epoch, seq: Number(seq) };
}

export function whole(name: string, value: unknown, min: number, max: number): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (!Number.isSafeInteger(number) || (number as number) < min || (number as number) > max) {
    throw bad(`${name} must be a whole number from ${min} to ${max}`);
  }
  return number as number;
}

/** `undefined` when it is not there. */
export function mode(value: string | null): boolean | undefined {
  if (value === null) return undefined;
  if (value !== 'true' && value !== 'false') throw bad('developmentMode must be true or false');
  return value === 'true';
}

export function bad(issue: string): Refusal {
  return new Refusal(400, `Bad request: ${issue}.`);
}

function object(value: unknown): Record<string, unknown> {
  if (!isObject(value)) throw bad('the body must be a JSON object');
  return value;
}
