import { PAUSE_REASONS, type QueueCounts, type VeroWorker } from '@verotrack/core/queue';

type Stats = ReturnType<VeroWorker['stats']>;

/**
 * The metrics of a worker in the text format of Prometheus.
 *
 * @param counts - of the whole queue; without them there are no metrics of it
 */
export function metricsText(stats: Stats, counts: QueueCounts | undefined): string {
  const lines: string[] = [];
  const metric = (
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    ...values: (readonly [string, number])[]
  ) => {
    lines.push(`# HELP verotrack_${name} ${help}`, `# TYPE verotrack_${name} ${type}`);
    for (const [labels, value] of values) lines.push(`verotrack_${name}${labels} ${value}`);
  };
  const counter = (name: string, help: string, value: number) => metric('counter', name, help, ['', value]);
  const gauge = (name: string, help: string, value: number) => metric('gauge', name, help, ['', value]);

  counter('taken_total', 'Events that this worker took from the queue.', stats.taken);
  counter('delivered_total', 'Events that Vero has from this worker.', stats.delivered);
  counter('rejected_total', 'Events that Vero refused for good; they are dead letters.', stats.rejected);
  counter('dropped_total', 'Events that this worker gave up: expired, or vetoed.', stats.dropped);
  counter('handed_over_total', 'Events that this worker took and another ended.', stats.handedOver);
  counter('retries_total', 'Attempts that failed and are made again.', stats.retries);
  gauge('pending', 'Events that this worker took and that have not ended.', stats.pending);
  gauge('oldest_pending_seconds', 'Age of the oldest of them.', (stats.oldestPendingMs ?? 0) / 1_000);
  metric(
    'gauge',
    'paused',
    'Whether delivery waits, by reason.',
    ...PAUSE_REASONS.map((reason) => [`{reason="${reason}"}`, stats.paused === reason ? 1 : 0] as const),
  );
  if (counts) {
    gauge('queue_waiting', 'Events that wait in the queue, those taken included.', counts.waiting);
    gauge('queue_taken', 'Of these, events now taken by a worker.', counts.taken);
    gauge('queue_dead_letters', 'Dead letters of the queue.', counts.deadLetters);
  }
  return `${lines.join('\n')}\n`;
}
