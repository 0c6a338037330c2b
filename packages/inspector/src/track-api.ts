import type { IncomingMessage, ServerResponse } from 'node:http';
import { mask } from './credential.ts';
import { DuplicateFilter } from './duplicates.ts';
import { type Endpoint, endpointOf, type UserEndpoint } from './endpoints.ts';
import type { Draft } from './entry.ts';
import { checkCredential, toEvent } from './event.ts';
import type { EventLog } from './event-log.ts';
import { labelOf } from './fault-label.ts';
import { type Answer, type Fault, type Faults, isHandled, respond, statusSeen } from './faults.ts';
import { pathOf, queryOf, readBody } from './http.ts';
import type { Settings } from './options.ts';
import type { EntryKind } from './page-contract.ts';
import { type Payload, parseBody, type Secrets, shownPath, shownText } from './payload.ts';
import { attempt, Refusal } from './refusal.ts';
import type { Store } from './store.ts';
import { callIssues } from './user-call.ts';
import { shortText } from './values.ts';

const SUCCESS: Answer = { status: 200, message: 'Success.' };
/** As long as Vero's documentation says. */
const VERO_WINDOW_MS = 300_000;

interface Received {
  readonly at: Date;
  readonly endpoint: Endpoint | Refusal;
  readonly payload: Payload | Refusal | undefined;
  /** As it may be shown. */
  readonly path: string;
  readonly text: string;
  readonly fault: Fault | undefined;
}

/** Vero's Track API: takes, refuses or loses what comes, and tells the logs. */
export class TrackApi {
  readonly #settings: Settings;
  readonly #log: EventLog;
  readonly #store: Store;
  readonly #faults: Faults;
  readonly #filter: DuplicateFilter;

  constructor(settings: Settings, log: EventLog, store: Store, faults: Faults) {
    this.#settings = settings;
    this.#log = log;
    this.#store = store;
    this.#faults = faults;
    this.#filter = new DuplicateFilter(settings.dedupeMs ?? VERO_WINDOW_MS);
  }

  async handle(req: IncomingMessage, res: ServerResponse, refused?: Refusal): Promise<void> {
    const bytes = await readBody(req, this.#settings.maxBodyBytes);
    const endpoint = refused ?? attempt(() => endpointOf(req.method, pathOf(req)));
    const hasBody = !(endpoint instanceof Refusal) && endpoint !== 'heartbeat';
    const secrets: Secrets = { query: queryOf(req), known: this.#settings.authToken };
    const fault = hasBody ? this.#faults.take() : undefined;
    const payload = hasBody ? attempt(() => parseBody(req.headers, bytes, secrets)) : undefined;
    const isRead = payload !== undefined && !(payload instanceof Refusal);
    const text = isRead ? '' : shownText(req.headers, bytes, secrets);
    const path = shownPath(pathOf(req), secrets, isRead ? payload.credential : undefined);
    const received: Received = { at: new Date(), endpoint, payload, path, text, fault };
    const { answer, kind } = this.#take(received);
    this.#record(req, received, answer, kind);
    respond(res, answer, fault);
  }

  clear(): void {
    this.#filter.clear();
  }

  #take({ at, endpoint, payload, fault }: Received): { answer: Answer; kind: EntryKind } {
    if (endpoint instanceof Refusal) return { answer: endpoint, kind: 'refused' };
    if (payload === undefined) return { answer: SUCCESS, kind: 'user' };
    if (!isHandled(fault)) return { answer: SUCCESS, kind: 'fault' };
    if (payload instanceof Refusal) return { answer: payload, kind: 'refused' };
    const kind = attempt(() =>
      endpoint === 'events/track'
        ? this.#takeEvent(payload, at)
        : this.#checkCall(endpoint as UserEndpoint, payload),
    );
    return kind instanceof Refusal ? { answer: kind, kind: 'refused' } : { answer: SUCCESS, kind };
  }

  #takeEvent(payload: Payload, at: Date): EntryKind {
    const { dedupeMs, authToken } = this.#settings;
    const event = toEvent(payload, at, authToken);
    const isDuplicate = this.#filter.isDuplicate(event, payload.credential);
    if (isDuplicate && dedupeMs !== undefined) this.#log.addDuplicate(event, payload.weight);
    else this.#log.addEvent(event, payload.weight);
    return isDuplicate ? 'duplicate' : 'event';
  }

  #checkCall(endpoint: UserEndpoint, { credential, body }: Payload): EntryKind {
    checkCredential(credential, this.#settings.authToken);
    const issues = callIssues(endpoint, body);
    if (issues.length > 0) throw Refusal.of(issues);
    return 'user';
  }

  #record(
    req: IncomingMessage,
    { at, endpoint, payload, path, text, fault }: Received,
    answer: Answer,
    kind: EntryKind,
  ): void {
    const method = req.method ?? '';
    const read = payload instanceof Refusal ? undefined : payload;
    const count = read && this.#log.countAttempt(`${String(endpoint)} ${read.fingerprint}`);
    const status = statusSeen(fault, answer);
    const message = answer instanceof Refusal ? answer.message : undefined;
    const name = endpoint === 'events/track' ? read?.body.event_name : undefined;
    const eventName = shortText(name) ?? undefined;
    this.#log.addRequest({ receivedAt: at, method, path, status, message, fault, eventName, attempt: count });
    if (!isShown(method, path, endpoint)) return;
    const draft: Draft = {
      at: at.getTime(),
      kind,
      method,
      path,
      status: status ?? null,
      message: message ?? null,
      fault: fault ? labelOf(fault) : null,
      attempt: count ?? 1,
      body: read?.body,
      text,
      credential: typeof read?.credential === 'string' ? mask(read.credential) : null,
      issues: [...(answer instanceof Refusal ? answer.issues : []), ...(read?.notes ?? [])],
      weight: read?.weight ?? 0,
    };
    this.#store.add(draft);
  }
}

/** Not what a browser asks for by itself, and no heartbeat. */
function isShown(method: string, path: string, endpoint: Endpoint | Refusal): boolean {
  if (endpoint === 'heartbeat') return false;
  return path.startsWith('/api/') || (method !== 'GET' && method !== 'HEAD');
}
