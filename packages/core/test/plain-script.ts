// A script as people write them; it has to end by itself. What it ends with is its first argument.
import { createVero } from '../src/index.ts';

const vero = createVero({
  authToken: 'tok_secret_of_a_script',
  delivery: { timeoutMs: 500, retry: { baseMs: 60_000, maxMs: 120_000 } },
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
    say(await vero.flush({ timeout: 1_000 }));
    break;
  case 'send':
    await vero.send('script_ran', event);
    break;
  case 'open work':
    void vero.run({ identity: event.identity }, () => new Promise(() => {}));
    vero.track('script_ran', event);
    say(await vero.close({ timeout: 1_000 }));
    break;
  case 'close at once':
    say(await vero.close());
    break;
  default:
    vero.track('script_ran', event);
    say(await vero.close({ timeout: 1_000 }));
    // Nothing may be left that has to end by itself first, but for what this line is written to, and what is over in a moment.
    say(
      process
        .getActiveResourcesInfo()
        .filter((name) => !/^(PipeWrap|TTYWrap|FSReqPromise|Immediate)$/.test(name)),
    );
}
