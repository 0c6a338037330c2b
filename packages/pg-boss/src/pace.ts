import type { FleetState } from './fleet-state.ts';

/** It is not asked more often than this whether the rate has room again. */
const SHORTEST_RATE_PAUSE_MS = 50;

/** How much this process may take, by the pause and the rate of the fleet. */
export class Pace {
  readonly #fleet: FleetState;
  readonly #ratePerSecond: number | undefined;
  /** Until when the deliveries of each queue pause, as far as it was seen. */
  readonly #pausedUntil = new Map<string, number>();
  #nextAtRate: number | undefined;

  constructor(fleet: FleetState, ratePerSecond: number | undefined) {
    this.#fleet = fleet;
    this.#ratePerSecond = ratePerSecond;
  }

  /** When the rate may have room again, in milliseconds since 1970; 0 unless it had none when it was last asked. */
  get nextAtRate(): number {
    // Never now: a timer that was a moment early found no room, and what is due and was not given is left to others.
    return this.#nextAtRate === undefined ? 0 : Math.max(this.#nextAtRate, Date.now() + 1);
  }

  /** How many of `n` may be taken now. */
  async allowed(n: number, queue: string): Promise<number> {
    if (this.#nextAtRate !== undefined && Date.now() < this.#nextAtRate) return 0;
    const wasPaused = this.#pausedUntil.get(queue) ?? 0;
    if (wasPaused > Date.now()) return 0;
    // After a pause each worker asks with one event, before all of them ask with all they can.
    const wanted = wasPaused > 0 ? 1 : n;
    const rate = this.#ratePerSecond;
    const { count, pausedUntil } = rate
      ? await this.#fleet.claim(queue, wanted, rate)
      : { count: wanted, pausedUntil: await this.#fleet.pausedUntil(queue) };
    this.#nextAtRate =
      rate && count < wanted ? Date.now() + Math.max(SHORTEST_RATE_PAUSE_MS, 1_000 / rate) : undefined;
    const isPaused = pausedUntil > Date.now();
    if (isPaused) this.#pausedUntil.set(queue, pausedUntil);
    else this.#pausedUntil.delete(queue);
    return isPaused ? 0 : count;
  }

  /** What was allowed and not used. */
  async giveBack(count: number, queue: string): Promise<void> {
    if (this.#ratePerSecond && count > 0) await this.#fleet.giveBack(queue, count, this.#ratePerSecond);
  }
}
