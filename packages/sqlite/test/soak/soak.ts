// node packages/sqlite/test/soak/soak.ts --minutes 30 --queue sqlite
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { soak, type TimedSample } from './soaking.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    queue: { type: 'string', default: 'sqlite' },
    every: { type: 'string', default: '15' },
  },
});
const { queue } = values;
if (queue !== 'memory' && queue !== 'sqlite') throw new Error('--queue is memory or sqlite');

const mebibytes = (bytes: number): string => (bytes / 1024 ** 2).toFixed(2);
const COLUMNS = [
  'seconds',
  'events/s',
  'heap MiB',
  'rss MiB',
  'sockets',
  'descriptors',
  'listeners',
  'file MiB',
  'handles',
];

console.log(COLUMNS.join('\t'));
const { judged, verdict } = await soak({
  queue,
  minutes: Number(values.minutes),
  sampleEveryMs: Number(values.every) * 1_000,
  onSample: (sample) => console.log(row(sample)),
});
const { heapPerMinute, rssPerMinute, heapGrowth, events, rate, missing, duplicates } = verdict;
const [first, last] = [judged[0]!, judged.at(-1)!];
console.log(`
Node ${process.version}, ${availableParallelism()} cores, queue ${queue}, ${values.minutes} minutes
events: ${events} (${Math.round(rate)} a second), missing ${missing}, duplicated ${duplicates}
after warm-up (${Math.round(first.atMs / 1000)} s):
  heap ${mebibytes(first.heapUsed)} → ${mebibytes(last.heapUsed)} MiB, slope ${(heapPerMinute / 1024).toFixed(1)} KiB a minute (${(heapGrowth * 100).toFixed(1)} % in all)
  rss ${mebibytes(first.rss)} → ${mebibytes(last.rss)} MiB, slope ${(rssPerMinute / 1024).toFixed(1)} KiB a minute
  handles ${JSON.stringify(first.resources)} → ${JSON.stringify(last.resources)}
  listeners ${JSON.stringify(first.listeners)} → ${JSON.stringify(last.listeners)}
  warnings ${JSON.stringify(last.warnings)}, problems ${JSON.stringify(last.problems)}
  books ${JSON.stringify(last.stats)}`);
const isFlat = heapGrowth < 0.05 && last.warnings.length === 0 && missing === 0;
console.log(isFlat ? 'flat' : 'NOT FLAT');
process.exitCode = isFlat ? 0 : 1;

function row(sample: TimedSample): string {
  const { atMs, heapUsed, rss, resources, sockets, listeners, fileBytes } = sample;
  return [
    Math.round(atMs / 1000),
    Math.round(sample.rate),
    mebibytes(heapUsed),
    mebibytes(rss),
    sockets,
    sample.descriptors,
    Object.values(listeners).join('/'),
    mebibytes(fileBytes),
    Object.entries(resources)
      .map(([name, count]) => `${name} ${count}`)
      .join(', '),
  ].join('\t');
}
