// A script with subscribers that throw, as Node takes them; it prints what became of its event, and of its process.
import { subscribe } from 'node:diagnostics_channel';
import { VERO_CHANNELS } from '../src/diagnostics.ts';
import { createVero } from '../src/index.ts';

const uncaught: string[] = [];
process.on('uncaughtException', ({ message }) => uncaught.push(message));

let others = 0;
for (const [what, channel] of Object.entries(VERO_CHANNELS)) {
  subscribe(channel, () => {
    throw new Error(`of ${what}`);
  });
  subscribe(channel, () => void others++);
}

const vero = createVero({ authToken: 'tok_secret_of_a_script' });
vero.track('script_ran', { identity: { id: '42' } });
const result = await vero.close();
setImmediate(() => console.log(JSON.stringify({ uncaught, result, others })));
