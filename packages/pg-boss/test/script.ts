// A script as people write them, in a fleet. What it does is its first argument.
import { createVero } from '@verotrack/core';
import { createVeroWorker, pgBossQueue } from '../src/index.ts';

const [what] = process.argv.slice(2);
const { POSTGRES_URL = '', VERO_URL = '', SCHEMA = '' } = process.env;
const authToken = 'tok_secret_of_a_script';
const queue = pgBossQueue({ connectionString: POSTGRES_URL, schema: SCHEMA });
const say = (said: unknown): void => console.log(JSON.stringify(said));

if (what === 'track and flush') {
  const vero = createVero({ authToken, baseUrl: VERO_URL, queue });
  vero.track('script_ran', { identity: { id: '42' } });
  const { handedOver, pending } = await vero.flush();
  // Nothing is left to do, and nobody closes anything.
  say({ handedOver, pending });
}

if (what === 'work') {
  const worker = createVeroWorker({ authToken, baseUrl: VERO_URL, queue });
  process.once('SIGTERM', async () => {
    await worker.close();
    const { delivered, pending } = worker.stats();
    say({ delivered, pending });
  });
}

if (what === 'replay') {
  const letters = await queue.deadLetters.list();
  say(letters.map(({ record, reason }) => ({ name: record.name, reason })));
  say(await queue.deadLetters.replay({ filter: ({ record }) => record.name !== 'refunded' }));
  await queue.close();
}
