import { Agent, request } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Bounded } from '../src/bounded.ts';
import type { Inspector } from '../src/index.ts';
import type { EntrySummary, InspectorState, People } from '../src/page-contract.ts';
import { post, SIGN_UP, start, TOKEN } from './client.ts';
import { ask, openFeed } from './page-client.ts';

const EVENTS = 10_000;

/** Many events over few connections. */
function sender(inspector: Inspector): { send: (count: number) => Promise<number>; end: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const { port } = new URL(inspector.url);
  const send = (count: number) =>
    new Promise<number>((resolve, reject) => {
      const body = JSON.stringify({
        auth_token: TOKEN,
        event_name: `event ${count % 20}`,
        identity: { id: `user ${count % 1_000}`, email: `user${count % 1_000}@example.com` },
        data: { count, item: 'Blue shoes', price: 40 },
      });
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const options = {
        agent,
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/api/v2/events/track',
        headers,
      };
      request(options, (res) => {
        res.resume().on('end', () => resolve(res.statusCode ?? 0));
      })
        .on('error', reject)
        .end(body);
    });
  return { send, end: () => agent.destroy() };
}

describe('10,000 events at once', () => {
  it('are all there, and the page is answered meanwhile', async () => {
    const inspector = await start();
    const { send, end } = sender(inspector);
    const feed = await openFeed(inspector);
    const posted = Promise.all(Array.from({ length: EVENTS }, (_, count) => send(count)));
    let isDone = false;
    const done = posted.finally(() => {
      isDone = true;
    });
    let asked = 0;
    while (!isDone) {
      const [page, state] = await Promise.all([
        fetch(inspector.url),
        ask<InspectorState>(inspector, 'state'),
      ]);
      expect([page.status, state.total <= EVENTS]).toEqual([200, true]);
      await page.text();
      asked += 1;
      await setImmediate();
    }
    const statuses = await done;
    end();
    expect(asked).toBeGreaterThan(1);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(new Set(inspector.events().map(({ data }) => data?.count)).size).toBe(EVENTS);
    expect(await ask<InspectorState>(inspector, 'state')).toMatchObject({ total: EVENTS });
    const people = await ask<People>(inspector, 'people');
    expect([people.total, people.people.length]).toEqual([1_000, 500]);
    const told: EntrySummary[] = [];
    while (told.length < EVENTS) told.push(...(await feed.next<EntrySummary[]>('entries')).data);
    expect(told.map(({ seq }) => seq)).toEqual(Array.from({ length: EVENTS }, (_, index) => index + 1));
    feed.close();
  });

  it('leave as many as are kept', async () => {
    const inspector = await start({ maxEvents: 1_000 });
    const { send, end } = sender(inspector);
    await Promise.all(Array.from({ length: 3_000 }, (_, count) => send(count)));
    end();
    expect([inspector.events().length, inspector.requests().length]).toEqual([1_000, 1_000]);
    const { length } = (await (await fetch(`${inspector.url}/_/api/export`)).text()).trimEnd().split('\n');
    expect(length).toBe(1_000);
  });
});

describe('many large events', () => {
  it('leave before they are too many, for what they take together', async () => {
    const inspector = await start();
    // A number takes more memory than its digit.
    const list = Array<number>(400_000).fill(0);
    for (let count = 0; count < 9; count += 1) await post(inspector, { ...SIGN_UP, data: { count, list } });
    const counts = inspector.events().map(({ data }) => data?.count);
    expect(counts).toEqual([4, 5, 6, 7, 8]);
    const { length } = (await (await fetch(`${inspector.url}/_/api/export`)).text()).trimEnd().split('\n');
    expect(length).toBe(5);
  });
});

describe('a bounded list', () => {
  const list = (limit: number, maxWeight: number) => new Bounded<number>(limit, maxWeight);

  it('forgets the oldest when there are too many', () => {
    const few = list(3, 1_000);
    const forgotten = Array.from({ length: 5_000 }, (_, count) => few.push(count, 1));
    expect(forgotten.slice(0, 5)).toEqual([0, 0, 0, 1, 1]);
    expect([...few]).toEqual([4_997, 4_998, 4_999]);
    expect([few.size, few.at(0), few.at(3), few.at(-1)]).toEqual([3, 4_997, undefined, undefined]);
  });

  it('forgets the oldest when they weigh too much, and never the newest', () => {
    const light = list(100, 10);
    for (let count = 0; count < 5_000; count += 1) light.push(count, 3);
    expect([...light]).toEqual([4_997, 4_998, 4_999]);
    expect(light.push(5_000, 100)).toBe(3);
    expect([...light]).toEqual([5_000]);
    light.push(5_001, 1);
    expect([...light]).toEqual([5_001]);
    light.clear();
    expect([light.size, [...light]]).toEqual([0, []]);
  });

  it('finds a place by halves', () => {
    const some = list(100, 1_000);
    for (let count = 0; count < 250; count += 1) some.push(count * 2, 1);
    for (const wanted of [0, 300, 301, 398, 498, 499]) {
      const expected = [...some].findIndex((each) => each >= wanted);
      expect(some.search((each) => each >= wanted)).toBe(expected < 0 ? some.size : expected);
    }
  });
});
