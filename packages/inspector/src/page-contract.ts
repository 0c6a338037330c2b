/** What the page and the server say to each other, under `/_/api`. Types only: the page's build takes them from here. */

/** What came of a request to the Track API. */
export type EntryKind =
  /** An event that was taken. */
  | 'event'
  /** An event that Vero would have dropped as the same as one just before. */
  | 'duplicate'
  /** Something about a user: identify, edit, tags, … */
  | 'user'
  /** A request that was refused: `message` says why. */
  | 'refused'
  /** A request that a fault was made of, so that nothing was taken. */
  | 'fault';

/** A request to the Track API, as a line of the feed. */
export interface EntrySummary {
  /** Grows by one with each entry, also over `clear`. */
  readonly seq: number;
  /** When it was received, in milliseconds since 1970. */
  readonly at: number;
  readonly kind: EntryKind;
  /** For example `POST`. */
  readonly method: string;
  /** Without the query string. */
  readonly path: string;
  /** The status of the answer; `null` when none was sent. */
  readonly status: number | null;
  /** Why it was refused. */
  readonly message: string | null;
  /** The fault in words, such as `429` or `hang`; `null` for none. */
  readonly fault: string | null;
  /** Name of the event; for a user call, its name, such as `users/track`; empty when it could not be read. */
  readonly name: string;
  /** The name as Vero folds it (case, spaces, underscores): names with the same are one event. */
  readonly foldedName: string;
  readonly userId: string | null;
  readonly email: string | null;
  /** `extras.source`. */
  readonly source: string | null;
  readonly developmentMode: boolean;
  /** `extras.created_at` in milliseconds since 1970, if it differs from `at` by more than a second: delivered late. */
  readonly happenedAt: number | null;
  /** How often this very payload has come: 2 is the first retry. */
  readonly attempt: number;
  /** The event's data in short, for the line: at most 200 characters. */
  readonly preview: string;
}

/** `GET entries/<seq>`: an entry with everything that is known of it. */
export interface Entry extends EntrySummary {
  /** The body without the credential, as JSON with two spaces; cut at 256 KiB. The text that came, if it is no JSON. */
  readonly body: string;
  /** `…` and its last four characters; `null` when there was none. */
  readonly credential: string | null;
  /** A command that sends it again, with a placeholder for the credential. */
  readonly curl: string;
  /** What is wrong with the payload, one by one. */
  readonly issues: readonly string[];
}

/** `GET state` */
export interface InspectorState {
  /** Where clients send to, such as `http://127.0.0.1:4004`. */
  readonly url: string;
  readonly maxEvents: number;
  /** `null` when duplicates are only marked in the feed. */
  readonly dedupeWindowMs: number | null;
  /** Whether what is received outlives the process, and where. */
  readonly database: string | null;
  /** Entries since the start or the last `clear`, forgotten ones included. */
  readonly total: number;
  readonly faults: readonly FaultState[];
}

/**
 * `GET feed?after=<id>`: server-sent events. First what there is after that one (at most `maxEvents`; all, for 0 or
 * nothing), then what comes, gathered over a tenth of a second. Each event's `id` is `<epoch>-<the last seq>`, so that a
 * reconnect (`Last-Event-ID`) misses nothing. There is another epoch after each `clear`, and after a restart unless a
 * database went on with the numbers: an `id` of another one is answered with `cleared`, and all that there is.
 */
export interface FeedEvents {
  readonly entries: readonly EntrySummary[];
  /** Everything was forgotten up to this `seq`; after a restart lower ones may follow. */
  readonly cleared: { readonly upTo: number };
  readonly faults: readonly FaultState[];
}

/** `GET people?text=<in id, email or attributes>`: the ones seen last first, at most 500. */
export interface People {
  readonly total: number;
  readonly people: readonly PersonSummary[];
}

export interface PersonSummary {
  readonly id: string;
  readonly email: string | null;
  /** Seen in development mode only: kept apart from the others. */
  readonly developmentMode: boolean;
  readonly events: number;
  readonly lastSeenAt: number;
  readonly isSubscribed: boolean;
  readonly tags: readonly string[];
}

/** `GET person?id=<id>&developmentMode=<true|false>` */
export interface Person extends PersonSummary {
  /** Merged from every identity: what templates see as `{{user.…}}`. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** When each attribute was last set, and by which entry. */
  readonly attributeSources: Readonly<Record<string, { readonly at: number; readonly seq: number }>>;
  /** Earlier ids of the same person. */
  readonly formerIds: readonly string[];
  /** The newest 200, newest first. */
  readonly timeline: readonly EntrySummary[];
}

/** `GET chart?minutes=<n>&developmentMode=<true|false>`: events over time, by folded name. */
export interface Chart {
  /** Start of the first bar, in milliseconds since 1970. */
  readonly from: number;
  /** Length of a bar. */
  readonly barMs: number;
  /** The most frequent names, at most 8, and `other` for the rest. As many counts as there are bars. */
  readonly series: readonly { readonly name: string; readonly counts: readonly number[] }[];
}

/** `POST preview` */
export interface PreviewRequest {
  readonly template: string;
  /** The event whose data is `event`, and whose user is `user`. */
  readonly seq: number;
}

export interface Preview {
  readonly output: string;
  /** Names that the template uses and that are not there, such as `user.age`. */
  readonly undefinedNames: readonly string[];
  /** What is wrong with the template, or which limit it broke; `null` for nothing. */
  readonly error: string | null;
}

/** `POST trigger`: who did one thing and not the other. */
export interface TriggerRequest {
  readonly did: string;
  readonly didNot: string;
  readonly withinDays: number;
  readonly developmentMode: boolean;
}

export interface TriggerResult {
  /** Did it (the last time counts), at least so long ago, and did not do the other within that time. */
  readonly reached: readonly TriggeredPerson[];
  /** Did it, did not do the other yet, and still has time. */
  readonly waiting: readonly TriggeredPerson[];
  /** How many did the other in time. */
  readonly converted: number;
}

export interface TriggeredPerson {
  readonly id: string;
  readonly email: string | null;
  readonly isSubscribed: boolean;
  readonly didAt: number;
}

export interface FaultState {
  readonly id: string;
  /** In words, such as `429 with Retry-After: 30`. */
  readonly label: string;
  /** Requests that still get it; `null` when it ends by time, or, begun by code, when that ends it. */
  readonly left: number | null;
  /** When it ends, in milliseconds since 1970; `null` when it ends by count. */
  readonly until: number | null;
}

/** `POST faults` begins one, and answers its {@link FaultState}; `DELETE faults/<id>` (as JSON) ends it. */
export interface FaultRequest {
  readonly kind: 'status' | 'hang' | 'drop' | 'accept-then-drop' | 'delay';
  /** With `status`: 400 to 599. */
  readonly status?: number;
  /** With `status`, in seconds. */
  readonly retryAfter?: number;
  /** With `delay`. */
  readonly delayMs?: number;
  /** One of the two. */
  readonly count?: number;
  readonly forMs?: number;
}

/** Others: `POST clear` (as JSON); `GET export` (NDJSON); `POST import` (NDJSON), which answers this. */
export interface ImportResult {
  readonly imported: number;
  /** Lines that were not taken. */
  readonly failed: number;
  /** Why, of the first 100 of them. */
  readonly problems: readonly { readonly line: number; readonly message: string }[];
}

/** What a request is answered that can't be done, with a status of 400 and more. */
export interface ApiError {
  readonly message: string;
}
