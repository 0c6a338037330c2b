/** A worker: a process that sends to Vero what shops have stored. There may be several. */
import { createVeroWorker } from '@verotrack/pg-boss';
import { openQueue } from './queue.ts';

// VERO_AUTH_TOKEN and, for a local Vero, VERO_BASE_URL are in the environment.
const worker = createVeroWorker({ queue: openQueue() });
worker.on('delivered', ({ event }) => console.log(`Vero has ${event.name}`));
console.log('The worker is waiting');

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void worker.close());
