import { messageOf, VeroError } from '@verotrack/core/queue';
import type { WorkerCommand } from './command-line.ts';
import { type Monitor, startMonitor } from './monitor.ts';
import { pgBossQueue } from './pg-boss-queue.ts';
import { createVeroWorker } from './worker.ts';

/**
 * Delivers until it is told to end.
 *
 * @returns the exit code: 1 when it could not end within its time
 */
export async function runWorker(line: WorkerCommand): Promise<number> {
  const signalled = firstSignal();
  const queue = pgBossQueue(line.queue);
  const worker = createVeroWorker({
    queue,
    ...(line.project === undefined ? {} : { project: line.project }),
    ...(line.concurrency === undefined ? {} : { delivery: { concurrency: line.concurrency } }),
    logger: (message, code) => complain(`${code}: ${message}`),
  });
  let monitor: Monitor | undefined;
  try {
    if (line.monitor) monitor = await startMonitor(worker, async () => await queue.counts(), line.monitor);
  } catch (thrown) {
    await worker.close({ timeout: 0 });
    throw new VeroError('VERO_CONFIG', `--port or --host can't be used: ${messageOf(thrown)}`);
  }
  say(
    `Delivers.${monitor ? ` ${monitor.url}/health and /metrics tell of it.` : ''} SIGTERM or Ctrl-C ends it.`,
  );
  const signal = await signalled;
  say(`${signal}: ends within ${line.closeTimeoutMs / 1_000} seconds.`);
  const begun = performance.now();
  await worker.close({ timeout: line.closeTimeoutMs });
  const isInTime = performance.now() - begun <= line.closeTimeoutMs;
  await monitor?.close();
  const { taken, delivered, rejected, dropped, handedOver, pending, retries } = worker.stats();
  const accounting = { taken, delivered, rejected, dropped, handedOver, pending, retries };
  say(
    Object.entries(accounting)
      .map(([name, count]) => `${name}=${count}`)
      .join(' '),
  );
  if (!isInTime)
    complain('It took longer than --close-timeout: attempts under way were broken off, and are made again.');
  return isInTime ? 0 : 1;
}

/** One Ctrl-C comes twice under npx: from the terminal, and from npm, which passes it on. */
const SAME_SIGNAL_MS = 500;

/** The first signal asks to end, the second insists. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let askedAt: number | undefined;
    const end = (signal: NodeJS.Signals): void => {
      if (askedAt !== undefined && performance.now() - askedAt > SAME_SIGNAL_MS) process.exit(1);
      askedAt ??= performance.now();
      resolve(signal);
    };
    process.on('SIGTERM', end).on('SIGINT', end);
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(line: string): void {
  process.stderr.write(`${line.replaceAll(/\s*\n\s*/g, ' ')}\n`);
}
