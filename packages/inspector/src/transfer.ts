import { isMasked, mask } from './credential.ts';
import { type Endpoint, endpointAt, type UserEndpoint } from './endpoints.ts';
import type { Draft } from './entry.ts';
import { eventIssues } from './event.ts';
import type { EntryKind, ImportResult } from './page-contract.ts';
import { type Payload, payloadOf, type Secrets, shownPath } from './payload.ts';
import { redactText } from './redact-text.ts';
import { attempt, Refusal } from './refusal.ts';
import type { Store } from './store.ts';
import { callIssues } from './user-call.ts';
import { beginning, isObject } from './values.ts';

const KINDS: readonly EntryKind[] = ['event', 'duplicate', 'user', 'refused', 'fault'];
const MAX_LINE_BYTES: number = 16 * 1024 * 1024;
const MAX_PROBLEMS = 100;
const MAX_TIME = 8.64e15;
const MAX_TEXT_CHARACTERS: number = 256 * 1024;
const MAX_ISSUES = 20;
const NEWLINE = 0x0a;
const AT_ONCE = 200;
const CHUNK_CHARACTERS: number = 256 * 1024;
const NO_SECRETS: Secrets = { query: new URLSearchParams(), known: undefined };

/** One line of NDJSON, which an import takes again. */
export function lineOf(draft: Draft): string {
  const { weight: _, text, body, ...facts } = draft;
  return `${JSON.stringify({ ...facts, ...(body ? { body } : { text }) })}\n`;
}

/** All entries, some at a time: what is written next is made when it is asked for. */
export function* exportLines(store: Store): Generator<string> {
  let chunk = '';
  let seq = 0;
  for (;;) {
    const entries = store.after(seq, AT_ONCE);
    if (entries.length === 0) break;
    for (const { seq: next, draft } of entries) {
      seq = next;
      chunk += lineOf(draft);
      if (chunk.length < CHUNK_CHARACTERS) continue;
      yield chunk;
      chunk = '';
    }
  }
  if (chunk !== '') yield chunk;
}

/** Takes each line by itself: a bad one stops nothing. */
export async function importLines(chunks: AsyncIterable<Buffer>, store: Store): Promise<ImportResult> {
  const problems: { line: number; message: string }[] = [];
  let imported = 0;
  let line = 0;
  let failed = 0;
  for await (const bytes of linesIn(chunks)) {
    line += 1;
    const draft = attempt(() => readLine(bytes));
    if (draft instanceof Refusal) {
      failed += 1;
      if (problems.length < MAX_PROBLEMS) problems.push({ line, message: draft.message });
    } else if (draft) {
      store.add(draft);
      imported += 1;
    }
  }
  return { imported, failed, problems };
}

/** @returns `undefined` for a blank line */
function readLine(bytes: Buffer | undefined): Draft | undefined {
  if (!bytes) throw new Refusal(400, `The line is longer than ${MAX_LINE_BYTES} bytes.`);
  const value = parse(bytes);
  if (value === undefined) return undefined;
  if (!isObject(value)) throw new Refusal(400, 'The line is no JSON object.');
  // Also what one would send to Vero: handy for a file that was written by hand.
  if (value.kind === undefined && value.event_name !== undefined) return draftOf(value, value);
  return draftOf(value, value.body);
}

function parse(bytes: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.trim() === '' ? undefined : JSON.parse(text);
  } catch {
    throw new Refusal(400, 'The line is not JSON in UTF-8.');
  }
}

function draftOf(line: Readonly<Record<string, unknown>>, body: unknown): Draft {
  const { kind = 'event', path = '/api/v2/events/track', at = Date.now(), method = 'POST' } = line;
  if (!KINDS.includes(kind as EntryKind)) throw new Refusal(400, `kind must be one of ${KINDS.join(', ')}.`);
  if (typeof path !== 'string' || !path.startsWith('/') || path.includes('?')) {
    throw new Refusal(400, 'path must be a path without a query string.');
  }
  if (typeof at !== 'number' || !(at >= 0 && at <= MAX_TIME)) {
    throw new Refusal(400, 'at must be a time in milliseconds since 1970.');
  }
  const payload = body === undefined ? undefined : payloadOf(body, NO_SECRETS);
  checkTaken(kind as EntryKind, endpointAt(path), payload);
  const isTaken = kind !== 'refused' && kind !== 'fault';
  return {
    at,
    kind: kind as EntryKind,
    method: typeof method === 'string' && /^[A-Z]{1,20}$/.test(method) ? method : 'POST',
    path: shownPath(path, NO_SECRETS, payload?.credential),
    status: Number.isInteger(line.status)
      ? (line.status as number)
      : isTaken && line.status !== null
        ? 200
        : null,
    message: textOf(line.message),
    fault: textOf(line.fault),
    attempt: Number.isSafeInteger(line.attempt) ? (line.attempt as number) : 1,
    body: payload?.body,
    text: redactText(textOf(line.text) ?? '', (text) => text),
    credential: credentialOf(line, payload),
    issues: Array.isArray(line.issues)
      ? line.issues.slice(0, MAX_ISSUES).flatMap((issue) => textOf(issue) ?? [])
      : [],
    weight: payload?.weight ?? 0,
  };
}

/** What was taken must be something that is taken. */
function checkTaken(kind: EntryKind, endpoint: Endpoint | undefined, payload: Payload | undefined): void {
  if (kind === 'refused' || kind === 'fault') return;
  const isUser = endpoint?.startsWith('users/') ?? false;
  if (kind === 'user' ? !isUser : endpoint !== 'events/track') {
    throw new Refusal(400, `path is no path of the Track API for the kind ${kind}.`);
  }
  const body = payload?.body ?? {};
  const issues = isUser ? callIssues(endpoint as UserEndpoint, body) : eventIssues(body);
  if (issues.length > 0) throw Refusal.of(issues);
}

function credentialOf({ credential }: Readonly<Record<string, unknown>>, payload?: Payload): string | null {
  if (typeof payload?.credential === 'string') return mask(payload.credential);
  if (typeof credential !== 'string') return null;
  return isMasked(credential) ? credential : mask(credential);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? beginning(value, MAX_TEXT_CHARACTERS) : null;
}

/** @returns `undefined` for a line that is too long */
async function* linesIn(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer | undefined> {
  let parts: Buffer[] = [];
  let bytes = 0;
  const take = (): Buffer | undefined => {
    const line = bytes <= MAX_LINE_BYTES ? Buffer.concat(parts) : undefined;
    parts = [];
    bytes = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      parts.push(chunk.subarray(start, end));
      bytes += end - start;
      yield take();
      start = end + 1;
    }
    bytes += chunk.length - start;
    if (bytes <= MAX_LINE_BYTES) parts.push(chunk.subarray(start));
    else parts = [];
  }
  if (bytes > 0) yield take();
}
