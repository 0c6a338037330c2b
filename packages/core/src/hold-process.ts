/** Longer than anything that is waited for, and less than timers can. */
const HOLD_MS = 2 ** 30;

/** Keeps the process from ending by itself, until the returned function is called: somebody awaits what nothing else holds. */
export function holdProcess(): () => void {
  const timer = setInterval(() => {}, HOLD_MS);
  return () => clearInterval(timer);
}
