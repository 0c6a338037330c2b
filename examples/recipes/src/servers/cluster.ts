// #region cluster
import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';

const { WORKERS = String(availableParallelism()) } = process.env;

if (cluster.isPrimary) startWorkers(Number(WORKERS));
else await import('./durable-server.ts'); // each has a client of its own; the file is one

function startWorkers(count: number): void {
  let isEnding = false;
  for (let n = 0; n < count; n++) cluster.fork();
  cluster.on('exit', () => {
    if (!isEnding) cluster.fork();
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      isEnding = true;
      for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
    });
  }
}
// #endregion
