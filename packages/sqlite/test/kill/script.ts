// A script as people write them, with a queue on disk. What it ends with is its first argument.
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { createVero } from '@verotrack/core';
import { sqliteQueue } from '../../src/index.ts';

const [ending, path = ''] = process.argv.slice(2);
const vero = createVero({
  authToken: 'tok_secret_of_a_script',
  queue: sqliteQueue({ path }),
  delivery: { timeoutMs: 1_000, retry: { baseMs: 20, maxMs: 200 } },
  logger: () => {},
});
const say = (what: unknown): void => console.log(JSON.stringify(what));

if (ending === 'deliver what was left') {
  // What an earlier run tried in vain is due a backoff later, maybe after this start.
  const stayUp = setInterval(() => {}, 1_000);
  await new Promise<void>((resolve) => vero.on('delivered', () => resolve()));
  clearInterval(stayUp);
  say(await vero.close());
} else {
  vero.track('script_ran', { identity: { id: '42', email: 'jane@example.com' } });
  if (ending === 'close') {
    say(await vero.close({ timeout: 1_000 }));
    // Nothing may be left that has to end by itself first, but for what this line is written to, and what is over in a moment.
    say(
      process
        .getActiveResourcesInfo()
        .filter((name) => !/^(PipeWrap|TTYWrap|FSReqPromise|Immediate)$/.test(name)),
    );
  }
  if (ending === 'close, with the file locked') {
    // Its attempt is under way.
    await setImmediate();
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    say(await vero.close({ timeout: 100 }));
    // Not before, by the garbage collector.
    other.close();
  }
  if (ending === 'exit') process.exit();
  if (ending === 'throw') throw new Error('of the script');
}
