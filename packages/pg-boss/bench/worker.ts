// A worker in a process of its own. It connects at once, and delivers when it is told to.
import { createVeroWorker, pgBossQueue } from '../src/index.ts';

export type FromWorker =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'closed';
      readonly delivered: number;
      readonly retries: number;
      readonly cpuMs: number;
      readonly problems: readonly string[];
    };
export type ToWorker = 'deliver' | 'close';

const { DATABASE_URL = '', SCHEMA = '', VERO_URL = '', CONCURRENCY = '16', LIMIT } = process.env;
const tell = (message: FromWorker): void => void process.send?.(message);

const queue = pgBossQueue({
  connectionString: DATABASE_URL,
  schema: SCHEMA,
  ratePerSecond: LIMIT ? Number(LIMIT) : undefined,
});
await queue.counts();
tell({ kind: 'ready' });

process.once('message', () => {
  const cpu = process.cpuUsage();
  const problems: string[] = [];
  const worker = createVeroWorker({
    queue,
    authToken: 'tok_secret_bench',
    baseUrl: VERO_URL,
    delivery: { concurrency: Number(CONCURRENCY) },
  });
  worker.on('error', ({ error }) => void problems.push(error.message));
  process.once('message', async () => {
    await worker.close();
    const { user, system } = process.cpuUsage(cpu);
    const { delivered, retries } = worker.stats();
    tell({ kind: 'closed', delivered, retries, cpuMs: (user + system) / 1_000, problems });
    await queue.close();
    process.disconnect();
  });
});
