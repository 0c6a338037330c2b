// A worker that is made to be killed.
import { kyTransport } from '@verotrack/core';
import { createVeroWorker, pgBossQueue } from '../../src/index.ts';
import {
  CONCURRENCY,
  type Command,
  endWithStarter,
  leave,
  SCHEMA,
  TAKE_OVER_AFTER_SECONDS,
  tell,
} from './messages.ts';

const { POSTGRES_URL = '', VERO_URL = '', NAME = '' } = process.env;
const worker = createVeroWorker({
  authToken: 'tok_secret_of_a_worker',
  baseUrl: VERO_URL,
  queue: pgBossQueue({
    connectionString: POSTGRES_URL,
    schema: SCHEMA,
    takeOverAfterSeconds: TAKE_OVER_AFTER_SECONDS,
  }),
  transport: kyTransport({ ky: { headers: { 'x-worker': NAME } } }),
  delivery: { concurrency: CONCURRENCY },
});
worker.on('error', ({ error }) => tell({ kind: 'problem', message: error.message }));
worker.on('dropped', ({ reason }) => tell({ kind: 'problem', message: `dropped: ${reason}` }));
worker.on('rejected', ({ error }) => tell({ kind: 'problem', message: `rejected: ${error.message}` }));

process.on('message', async ({ kind }: Command) => {
  if (kind !== 'close') return;
  await worker.close();
  tell({ kind: 'closed', stats: worker.stats() });
  leave();
});
endWithStarter();
tell({ kind: 'ready' });
