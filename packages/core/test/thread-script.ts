// A script as people write them; it has to end by itself, whether it closes or not.
import { createVero } from '../src/index.ts';
import { threadTransport } from '../src/thread.ts';

const vero = createVero({
  authToken: 'tok_secret_of_a_script',
  transport: threadTransport(),
  delivery: { timeoutMs: Number(process.argv[3]), retry: { baseMs: 60_000, maxMs: 120_000 } },
  logger: () => {},
});
vero.track('script_ran', { identity: { id: '42', email: 'jane@example.com' } });
if (process.argv[2] === 'close') console.log(JSON.stringify(await vero.close({ timeout: 15_000 })));
