import type { QueueRecord } from '@verotrack/core/queue';

/** A record as a row, as far as columns go. */
export interface EventRow {
  readonly seq: number;
  readonly id: string;
  readonly v: number;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
  readonly accepted_at: number;
  readonly attempts: number;
  readonly not_before: number;
  readonly trace: string | null;
  readonly body: string;
}

export function toRecord(row: EventRow): QueueRecord {
  const {
    id,
    v,
    kind,
    project,
    name,
    accepted_at: acceptedAt,
    attempts,
    not_before: notBefore,
    trace,
    body,
  } = row;
  // Of another version or kind than the types say, it is for the engine to leave alone.
  const record = { v, id, kind, project, name, acceptedAt, attempts, notBefore, body } as QueueRecord;
  return trace === null ? record : { ...record, trace };
}

export function columnsOf(record: QueueRecord): (string | number | null)[] {
  const { id, v, kind, project, name, acceptedAt, attempts, notBefore, trace, body } = record;
  return [
    id,
    v,
    kind,
    project,
    name,
    acceptedAt,
    attempts,
    whole(notBefore),
    whole(notBefore),
    trace ?? null,
    body,
  ];
}

/** Whether what was read back from JSON is a record, of whatever version, that the columns take. */
export function isRecord(value: unknown): value is QueueRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { v, id, kind, project, name, acceptedAt, attempts, notBefore, body, trace } =
    value as Partial<QueueRecord>;
  return (
    [id, kind, project, name, body].every((text) => typeof text === 'string') &&
    [v, acceptedAt, attempts].every((number) => Number.isSafeInteger(number)) &&
    Number.isSafeInteger(whole(Number(notBefore))) &&
    (trace === undefined || typeof trace === 'string')
  );
}

/** Times may be fractions; columns are whole. */
export const whole = (ms: number): number => Math.ceil(ms);
