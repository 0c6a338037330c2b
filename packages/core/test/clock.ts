import { afterEach, vi } from 'vitest';

const now = Date.now;
let ahead = 0;

afterEach(() => {
  ahead = 0;
});

/** Puts the clock forward for the rest of the test. It goes on running, and timers are not touched. */
export function passTime(ms: number): void {
  ahead += ms;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + ahead);
}
