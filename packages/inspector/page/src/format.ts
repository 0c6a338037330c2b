const COUNT = new Intl.NumberFormat('en');
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const FULL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

export function count(value: number): string {
  return COUNT.format(value);
}

/** `3 events`, `1 event` */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

export function clock(at: number): string {
  return CLOCK.format(at);
}

/** Of today the time, of another day the day, too. */
export function when(at: number): string {
  return isToday(at) ? CLOCK.format(at) : `${DAY.format(at)}, ${CLOCK.format(at).slice(0, 5)}`;
}

export function fullTime(at: number): string {
  return FULL.format(at);
}

function isToday(at: number): boolean {
  return new Date(at).toDateString() === new Date().toDateString();
}

/** `3 s`, `4 min`, `2 h`, `5 days` */
export function span(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3_600) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** A value as one reads it: text as it is, anything else as JSON. */
export function plain(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
