import { type Endpoint, endpointAt } from './endpoints.ts';
import type { EntrySummary } from './page-contract.ts';
import { beginning, foldName, isObject, isTime, shortText } from './values.ts';

/** A request to the Track API, and what came of it. */
export interface Draft
  extends Pick<EntrySummary, 'at' | 'kind' | 'method' | 'path' | 'status' | 'message' | 'fault' | 'attempt'> {
  /** Without the credential, and frozen; `undefined` when it could not be read. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
  /** What came instead of a body that can be read. */
  readonly text: string;
  /** Masked. */
  readonly credential: string | null;
  readonly issues: readonly string[];
  /** About how many bytes the body takes in memory. */
  readonly weight: number;
}

/** A draft in its place. */
export interface Kept {
  readonly seq: number;
  readonly draft: Draft;
  readonly endpoint: Endpoint | undefined;
  readonly summary: EntrySummary;
}

const MAX_PREVIEW_CHARACTERS = 200;
const LATE_MS = 1_000;
/** What an entry takes besides its body. */
const OWN_BYTES = 1_024;

export function keep(seq: number, draft: Draft): Kept {
  const { body = {}, at } = draft;
  const endpoint = endpointAt(draft.path);
  const isTrack = endpoint === 'events/track';
  const identity = isTrack ? asObject(body.identity) : body;
  const extras = asObject(body.extras);
  const name = isTrack ? (shortText(body.event_name) ?? '') : (endpoint ?? '');
  const happenedAt = happenedAtOf(body);
  const { kind, method, path, status, message, fault, attempt } = draft;
  const summary: EntrySummary = {
    seq,
    at,
    kind,
    method,
    path,
    status,
    message,
    fault,
    name,
    foldedName: foldName(name),
    userId: shortText(identity.id),
    email: shortText(identity.email),
    source: shortText(extras.source),
    developmentMode: body.development_mode === true,
    happenedAt: happenedAt !== null && Math.abs(happenedAt - at) > LATE_MS ? happenedAt : null,
    attempt,
    preview: previewOf(isTrack ? asObject(body.data) : body, isTrack),
  };
  return { seq, draft, endpoint, summary };
}

/** About how much memory it takes. */
export function weightOf(draft: Draft): number {
  return OWN_BYTES + draft.weight + draft.text.length;
}

/** When the event happened, if it says so in a way that Vero understands. */
export function happenedAtOf(body: Readonly<Record<string, unknown>>): number | null {
  const createdAt = asObject(body.extras).created_at;
  return isTime(createdAt) ? Date.parse(createdAt) : null;
}

function previewOf(data: Readonly<Record<string, unknown>>, isTrack: boolean): string {
  let preview = '';
  for (const name in data) {
    if (!isTrack && (name === 'id' || name === 'email')) continue;
    const value = data[name];
    preview += `${preview && ', '}${beginning(name, MAX_PREVIEW_CHARACTERS)}: ${typeof value === 'string' ? beginning(value, MAX_PREVIEW_CHARACTERS) : JSON.stringify(value)}`;
    if (preview.length > MAX_PREVIEW_CHARACTERS)
      return `${beginning(preview, MAX_PREVIEW_CHARACTERS - 1).trimEnd()}…`;
  }
  return preview;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}
