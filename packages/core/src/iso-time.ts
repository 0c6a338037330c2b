/** The last that a Date knows. */
const LAST_TIME = 8.64e15;

let second = Number.NaN;
let start = '';

/**
 * What `new Date(time).toISOString()` gives for whole milliseconds, in a third of the time: all but the milliseconds is the
 * same for a whole second.
 *
 * @throws {RangeError} for what is no time
 */
export function isoTime(time: number): string {
  if (!Number.isInteger(time) || Math.abs(time) > LAST_TIME) return new Date(time).toISOString();
  const current = Math.floor(time / 1000);
  if (current !== second) {
    start = new Date(current * 1000).toISOString().slice(0, -4);
    second = current;
  }
  const milliseconds = time - current * 1000;
  return `${start}${milliseconds < 10 ? '00' : milliseconds < 100 ? '0' : ''}${milliseconds}Z`;
}
