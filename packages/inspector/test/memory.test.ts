import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Inspector } from '../src/index.ts';
import { post, raw, SIGN_UP, start } from './client.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What stays in memory of what `keep` still has, once the inspector has forgotten all. */
async function heldBy(inspector: Inspector, keep: () => unknown): Promise<number> {
  const kept = keep();
  inspector.clear();
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  const before = process.memoryUsage().heapUsed;
  const length = JSON.stringify(kept).length;
  (kept as unknown[]).length = 0;
  collect();
  const held = before - process.memoryUsage().heapUsed;
  expect(length).toBeGreaterThan(0);
  return held;
}

describe('what is kept of a request', () => {
  it('is no more than the beginning of a long name', async () => {
    const inspector = await start();
    for (let count = 0; count < 30; count += 1) {
      await post(inspector, { ...SIGN_UP, event_name: `${count}${'x'.repeat(1_000_000)}` });
    }
    const names = () => inspector.requests().map(({ eventName }) => eventName);
    expect(await heldBy(inspector, names)).toBeLessThan(3_000_000);
  });

  it('is no more than the path of a long address', async () => {
    const inspector = await start();
    const query = 'x'.repeat(15_000);
    for (let count = 0; count < 200; count += 1) {
      await raw(
        inspector,
        `POST /api/v2/nowhere/${count}?${query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
    }
    const paths = () => inspector.requests().map(({ path }) => path);
    expect(await heldBy(inspector, paths)).toBeLessThan(1_000_000);
  });

  it('is no more than the parameters of a long form that are taken', async () => {
    const inspector = await start();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const form = `auth_token=tok_secret_form&event_name=a&data[x]=${'x'.repeat(900_000)}&data[x]=what_is_left`;
    for (let count = 0; count < 30; count += 1) {
      expect(
        (await post(inspector, `${form}&identity[id]=visitor_number_${count}`, { headers })).status,
      ).toBe(200);
    }
    const bodies = () => inspector.events().map(({ body }) => body);
    expect(await heldBy(inspector, bodies)).toBeLessThan(3_000_000);
  });
});
