// A script as people write them; it has to end by itself. Its arguments are what it ends with, and how long an attempt may take.
import { createVero } from '../src/index.ts';

const attemptMs = Number(process.argv[3]);
const timeout = 2 * attemptMs;
const vero = createVero({
  authToken: 'tok_secret_of_a_script',
  delivery: { timeoutMs: attemptMs, retry: { baseMs: 60_000, maxMs: 120_000 } },
  logger: () => {},
});
const event = { identity: { id: '42', email: 'jane@example.com' } };
const say = (what: unknown): void => console.log(JSON.stringify(what));

switch (process.argv[2]) {
  case 'nothing':
    vero.track('script_ran', event);
    break;
  case 'flush':
    vero.track('script_ran', event);
    say(await vero.flush({ timeout }));
    break;
  case 'send':
    await vero.send('script_ran', event);
    break;
  case 'open work':
    void vero.run({ identity: event.identity }, () => new Promise(() => {}));
    vero.track('script_ran', event);
    say(await vero.close({ timeout }));
    break;
  case 'close at once':
    say(await vero.close());
    break;
  default:
    vero.track('script_ran', event);
    say(await vero.close({ timeout }));
    // Nothing may be left that has to end by itself first, but for what this line is written to, and what is over in a moment.
    say(
      process
        .getActiveResourcesInfo()
        .filter((name) => !/^(PipeWrap|TTYWrap|FSReqPromise|Immediate)$/.test(name)),
    );
}
