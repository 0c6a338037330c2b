import type { QueueRecord } from '@verotrack/core/queue';
import type { FetchedJob, JobAttempt } from './boss.ts';
import type { EventJob } from './job.ts';

/** A job that this process has. */
export interface TakenJob extends JobAttempt {
  readonly project: string;
  readonly record: QueueRecord;
  readonly heartbeatMs: number;
  /** When its lease is over, in milliseconds since 1970. */
  readonly until: number;
  heardAt: number;
}

/** The jobs that this process has, by the ids of their events. */
export class TakenJobs {
  readonly #jobs = new Map<string, TakenJob>();

  add(job: FetchedJob<EventJob>, record: QueueRecord, project: string, leaseMs: number): void {
    const { id, retryCount, heartbeatSeconds } = job;
    const heardAt = Date.now();
    const heartbeatMs = (heartbeatSeconds ?? Number.POSITIVE_INFINITY) * 1_000;
    this.#jobs.set(record.id, {
      id,
      retryCount,
      project,
      record,
      heartbeatMs,
      until: heardAt + leaseMs,
      heardAt,
    });
  }

  find(eventId: string): TakenJob | undefined {
    return this.#jobs.get(eventId);
  }

  /** Unless it was taken again meanwhile. */
  remove(job: TakenJob): void {
    if (this.#jobs.get(job.record.id) === job) this.#jobs.delete(job.record.id);
  }

  /** Those of whom the database must hear, by project, so that it does not take this process for dead. */
  silent(): ReadonlyMap<string, TakenJob[]> {
    const now = Date.now();
    const silent = [...this.#jobs.values()].filter(
      ({ heardAt, heartbeatMs, until }) => until > now && now - heardAt > heartbeatMs / 3,
    );
    return Map.groupBy(silent, ({ project }) => project);
  }
}
