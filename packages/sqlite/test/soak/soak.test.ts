import { describe, expect, it } from 'vitest';
import { soak, type TimedSample } from './soaking.ts';

// For longer: node packages/sqlite/test/soak/soak.ts --minutes 30 --queue sqlite
const MINUTES = 0.25;
/** Far more than the noise of a busy machine, and far less than what this many events are. */
const GROWTH_BYTES = 8 * 1024 ** 2;
/** Connections that their client left are still open when they are counted. */
const FEW = 4;

describe('a shop under all the load that it can deliver', () => {
  for (const queue of ['memory', 'sqlite'] as const) {
    it(`keeps nothing of what it delivered, with the ${queue} queue`, { timeout: 120_000 }, async () => {
      const { judged, verdict } = await soak({ queue, minutes: MINUTES, sampleEveryMs: 1_500, warmUp: 0.4 });
      const [first, last] = [judged[0]!, judged.at(-1)!];
      const { events, rate, missing } = verdict;
      console.log(
        `${queue}: ${events} events, ${Math.round(rate)} a second, heap ${judged.map(heapOf).join(' ')} MiB`,
      );
      expect(events).toBeGreaterThan(1_000);
      expect(missing).toBe(0);
      expect(last.stats).toMatchObject({ dropped: 0, rejected: 0, pending: 0 });
      expect(last).toMatchObject({ warnings: [], problems: [] });
      expect(last.heapUsed - Math.min(...judged.map(({ heapUsed }) => heapUsed))).toBeLessThan(GROWTH_BYTES);
      for (const { listeners, resources, descriptors = 0 } of judged) {
        expect(listeners).toEqual(first.listeners);
        expect(Object.keys(resources).sort()).toEqual(Object.keys(first.resources).sort());
        for (const [name, count] of Object.entries(resources)) {
          expect(count).toBeLessThanOrEqual(first.resources[name]! + FEW);
        }
        expect(descriptors).toBeLessThanOrEqual((first.descriptors ?? 0) + FEW);
      }
    });
  }
});

const heapOf = ({ heapUsed }: TimedSample): string => (heapUsed / 1024 ** 2).toFixed(1);
