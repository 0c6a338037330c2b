import { createHash } from 'node:crypto';
import { type DeadLetter, messageOf, type QueueRecord } from '@verotrack/core/queue';
import type { FetchedJob, NewJob } from './boss.ts';

/**
 * The data of a job: the record, which carries the version of its shape (`v`) and never the credential. A version that is
 * not known is left as it is.
 */
export type EventJob = Readonly<Record<string, unknown>>;

/** The data of a job among the dead letters. */
export interface DeadJob {
  readonly record: QueueRecord;
  readonly reason: string;
  readonly at: number;
}

const REPLACEMENT = '\ufffd';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The id of an event's job: its own where that is a UUID, and otherwise one that follows from it. */
export function jobIdOf(eventId: string): string {
  if (UUID.test(eventId)) return eventId;
  const hex = createHash('sha256').update(eventId).digest('hex');
  // A UUID of version 8: of whatever its maker likes (RFC 9562, 5.8).
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function newJob(record: QueueRecord): NewJob {
  const job: NewJob = { id: jobIdOf(record.id), data: eventJob(record) };
  if (record.notBefore > 0) job.startAfter = new Date(record.notBefore).toISOString();
  return job;
}

/** Postgres takes neither NUL nor half a character: not even in JSON. The body has them escaped, as JSON does. */
export function eventJob(record: QueueRecord): EventJob {
  const { id, name, project, trace } = record;
  const job = { ...record, id: storable(id), name: storable(name), project: storable(project) };
  return trace === undefined ? job : { ...job, trace: storable(trace) };
}

/** What a job says; a part that is missing is for whoever knows its version. */
export function recordOf({ id, data }: Pick<FetchedJob<EventJob | null>, 'id' | 'data'>): QueueRecord {
  const record = { id, name: '', ...data } as unknown as QueueRecord;
  return record.v === 1 && String(record.name).includes(REPLACEMENT) ? withOwnName(record) : record;
}

/** A name that Postgres could not store is in the body as it was. */
function withOwnName(record: QueueRecord): QueueRecord {
  try {
    const { event_name: name } = JSON.parse(record.body) as { event_name: string };
    return storable(name) === record.name ? { ...record, name } : record;
  } catch {
    // Damaged, which is found out elsewhere.
    return record;
  }
}

/** Oldest first, after those whose time had come before. */
export function inOrder(records: readonly QueueRecord[]): QueueRecord[] {
  return records.toSorted(
    (a, b) => a.notBefore - b.notBefore || a.acceptedAt - b.acceptedAt || (a.id < b.id ? -1 : 1),
  );
}

export function deadJob(record: QueueRecord, reason: string): DeadJob {
  const { v } = record;
  return {
    record: v === 1 ? (eventJob(record) as unknown as QueueRecord) : record,
    reason: storable(reason),
    at: Date.now(),
  };
}

export function letterOf({ record, reason, at }: DeadJob): DeadLetter {
  return { record, reason, at };
}

function storable(text: string): string {
  return messageOf(text).toWellFormed().replaceAll('\u0000', REPLACEMENT);
}
