import type { VeroError } from '../errors.ts';
import type { PauseReason, Reporter } from '../reporter.ts';
import { backoff } from './retry.ts';

export interface GateOptions {
  readonly baseMs: number;
  readonly maxMs: number;
}

interface Pause {
  readonly reason: PauseReason;
  readonly until: number;
  readonly failedProbes: number;
}

/** So many different events that fail in a row, and it is not the events. */
const BREAKER_FAILURES = 5;
const FORBIDDEN_EVENTS = 3;

/**
 * Whether delivery may go on. While it is paused nobody sends; when the pause is over one event goes out as a probe,
 * and its answer opens the gate or pauses again.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #reporter: Reporter;
  readonly #failing = new Set<string>();
  readonly #forbidden = new Set<string>();
  #pause: Pause | undefined;
  #probe: string | undefined;
  #passes = 0;

  constructor(options: GateOptions, reporter: Reporter) {
    this.#options = options;
    this.#reporter = reporter;
  }

  get paused(): PauseReason | undefined {
    return this.#pause?.reason;
  }

  get isProbing(): boolean {
    return this.#probe !== undefined;
  }

  /** How often Vero took an event. */
  get passes(): number {
    return this.#passes;
  }

  /** When the next probe may go, in milliseconds since 1970. */
  get pausedUntil(): number | undefined {
    return this.#pause?.until;
  }

  /** How many of `free` attempts may start now. */
  room(free: number, now: number): number {
    if (!this.#pause) return free;
    return this.#probe === undefined && now >= this.#pause.until ? Math.min(1, free) : 0;
  }

  /** An attempt starts. */
  started(id: string): void {
    if (this.#pause) this.#probe ??= id;
  }

  /** An attempt ended without saying anything about Vero. */
  ended(id: string): void {
    if (this.#probe === id) this.#probe = undefined;
  }

  /** Vero answered for this event alone: it took it, or it refused just this one. */
  passed(id: string): void {
    const wasProbe = this.#probe === id;
    this.ended(id);
    this.#passes++;
    // Nearly always empty, and clearing an empty set is not free.
    if (this.#failing.size > 0) this.#failing.clear();
    if (this.#forbidden.size > 0) this.#forbidden.clear();
    // An answer to what was under way when Vero asked for silence doesn't take that back.
    if (this.#pause?.reason === 'retry-after' && !wasProbe) return;
    const reason = this.#pause?.reason;
    this.#pause = undefined;
    if (reason) this.#reporter.emit('resumed', { reason });
  }

  /** An event failed by itself; with enough others in a row, Vero is down. */
  failed(id: string, error: VeroError): void {
    this.#failing.add(id);
    if (this.#probe === id || this.#failing.size >= BREAKER_FAILURES)
      this.pause(id, this.paused ?? 'unreachable', error);
    this.ended(id);
  }

  /** Vero forbade this event; with enough others, it is not the events. */
  forbade(id: string, error: VeroError): void {
    this.#forbidden.add(id);
    if (this.#probe === id || this.#forbidden.size >= FORBIDDEN_EVENTS) this.pause(id, 'forbidden', error);
    this.ended(id);
  }

  /** Stops delivery, for `forMs` or as long as backoff says. */
  pause(id: string, reason: PauseReason, error: VeroError, forMs?: number): void {
    const wasProbe = this.#probe === id;
    this.ended(id);
    // Attempts that were under way when the pause began bring no news, unless they know how long it is.
    if (this.#pause && !wasProbe && forMs === undefined) return;
    const failedProbes =
      this.#pause && wasProbe ? this.#pause.failedProbes + 1 : (this.#pause?.failedProbes ?? 0);
    const jitter = backoff(failedProbes, this.#options);
    const retryInMs =
      forMs === undefined ? jitter : Math.min(forMs, this.#options.maxMs) + Math.min(jitter, 1_000);
    const until = Math.max(Date.now() + retryInMs, this.#pause?.until ?? 0);
    const isNews = this.#pause?.reason !== reason;
    this.#pause = { reason, until, failedProbes };
    this.#failing.clear();
    this.#forbidden.clear();
    if (isNews) this.#reporter.emit('paused', { reason, retryInMs: until - Date.now(), error });
  }
}
