import { measurePath } from './src/request-path/measure.ts';
import { atSaturation, UNTRACKED } from './src/request-path/contestants.ts';
for (const host of process.argv[2].split(',') as never[]) {
  const all = atSaturation(host).filter(({ name }) => !/by hand|undici|thread/.test(name));
  const r = await measurePath(all, { rounds: 3, blocks: 5, warmUp: 5000, load: { requests: 1200 } }, { isQuick: false, log: () => {} });
  for (const { name } of all) { const c = r.of(name, 'cpu'); const d = r.difference(name, UNTRACKED, 'cpu'); console.log(host, name.padEnd(60), c.median.toFixed(1), `+${d.median.toFixed(1)} (${d.min.toFixed(1)}–${d.max.toFixed(1)})`); }
}
process.exit();
