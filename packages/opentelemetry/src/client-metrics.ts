import type { BatchObservableCallback, BatchObservableResult, Meter } from '@opentelemetry/api';
import { type ObservedClient, openClients, PAUSE_REASONS } from '@verotrack/core/diagnostics';
import { PAUSE_REASON, PROJECT } from './attributes.ts';
import type { Instruments } from './instruments.ts';

/** Has what waits observed at each collection, until the returned function is called. */
export function observeClients(meter: Meter, instruments: Instruments, asksQueues: boolean): () => void {
  const { pending, pendingAge, paused, queueWaiting, deadLetters } = instruments;
  // An SDK repeats what was observed last: whose clients have all been closed must be observed to have nothing.
  const seen = new Set<string>();
  const observe: BatchObservableCallback = async (result) => {
    // Clients of one project are one time series.
    const projects = Map.groupBy(openClients(), ({ project }) => project);
    for (const project of projects.keys()) seen.add(project);
    for (const project of seen) observeProject(result, instruments, project, projects.get(project) ?? []);
    if (!asksQueues) return;
    await Promise.all(
      [...projects].map(([project, clients]) => observeQueues(result, instruments, project, clients)),
    );
  };
  const observed = [pending, pendingAge, paused, queueWaiting, deadLetters];
  meter.addBatchObservableCallback(observe, observed);
  return () => meter.removeBatchObservableCallback(observe, observed);
}

function observeProject(
  result: BatchObservableResult,
  { pending, pendingAge, paused }: Instruments,
  project: string,
  clients: readonly ObservedClient[],
): void {
  const attributes = { [PROJECT]: project };
  const stats = clients.map((client) => client.stats());
  const waiting = stats.reduce((sum, each) => sum + each.pending, 0);
  const oldestMs = Math.max(0, ...stats.map(({ oldestPendingMs }) => oldestPendingMs ?? 0));
  result.observe(pending, waiting, attributes);
  result.observe(pendingAge, oldestMs / 1_000, attributes);
  // Each is a series of its own, 0 included, since what has never been seen can't be alerted on.
  for (const reason of PAUSE_REASONS) {
    const those = stats.filter((each) => each.paused === reason);
    result.observe(paused, those.length, { ...attributes, [PAUSE_REASON]: reason });
  }
}

/** Who shares a queue shares its numbers, and nobody can tell whether two do: so the largest is shown, and not the sum. */
async function observeQueues(
  result: BatchObservableResult,
  { queueWaiting, deadLetters }: Instruments,
  project: string,
  clients: readonly ObservedClient[],
): Promise<void> {
  const counts = await Promise.all(clients.map((client) => client.queueCounts().catch(() => undefined)));
  const known = counts.filter((each) => each !== undefined);
  if (known.length === 0) return;
  const attributes = { [PROJECT]: project };
  result.observe(queueWaiting, Math.max(...known.map(({ waiting }) => waiting)), attributes);
  result.observe(deadLetters, Math.max(...known.map((each) => each.deadLetters)), attributes);
}
