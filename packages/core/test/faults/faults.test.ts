import { afterEach, describe, expect, it, vi } from 'vitest';
import type { VeroOptions } from '../../src/index.ts';
import { type TransportRequest, withCredential } from '../../src/queue.ts';
import { expectBalanced, JANE, makeClient, type TestClient } from '../clients.ts';
import { passTime } from '../clock.ts';
import type { Count, Expected, Stage } from './fault.ts';
import { FAULTS, page, table } from './faults.ts';
import { MisbehavingServer, type Misbehaviour, type Received } from './misbehaving-server.ts';

afterEach(() => vi.restoreAllMocks());

/** The bytes of an event, without the credential. */
const bare = (text: string): string => text.replace(/^\{"auth_token":"(?:[^"\\]|\\.)*",/, '{');
const nameOf = (text: string): string => JSON.parse(text).event_name;

function byName(received: readonly Received[]): Map<string, Received[]> {
  const names = new Map<string, Received[]>();
  for (const each of received) {
    const name = nameOf(each.text);
    names.set(name, [...(names.get(name) ?? []), each]);
  }
  return names;
}

class TestStage implements Stage {
  readonly #servers: MisbehavingServer[] = [];
  readonly #elsewhere: MisbehavingServer[] = [];
  readonly #cleanups: (() => unknown)[] = [];
  readonly #unseen: Received[] = [];
  readonly #unseenTaken: string[] = [];
  readonly #times = new Map<string, { readonly before: number; readonly after: number }>();
  #client: TestClient | undefined;

  async server(
    misbehaviour?: Misbehaviour,
    options?: { readonly tls?: boolean },
  ): Promise<MisbehavingServer> {
    const server = await MisbehavingServer.start(misbehaviour, options);
    this.#servers.push(server);
    this.defer(() => server.stop());
    return server;
  }

  async elsewhere(): Promise<MisbehavingServer> {
    const server = await MisbehavingServer.start();
    this.#elsewhere.push(server);
    this.defer(() => server.stop());
    return server;
  }

  client(options: VeroOptions): TestClient {
    // Long enough for any machine, and one event at a time, unless the fault is about that.
    const delivery = { timeoutMs: 10_000, concurrency: 1, ...options.delivery };
    const retry = { baseMs: 1, maxMs: 20, ...options.delivery?.retry };
    const client = makeClient({ unique: true, ...options, delivery: { ...delivery, retry } });
    // The books are right at any time; a listener that throws is told as an error.
    const names = ['delivered', 'retrying', 'rejected', 'dropped', 'paused', 'resumed'] as const;
    for (const name of names) client.vero.on(name, () => expectBalanced(client.vero));
    this.#client = client;
    return client;
  }

  track(count: number, data: Readonly<Record<string, unknown>> = { price: 4.5, text: 'é🎉' }): void {
    for (let n = 0; n < count; n++) {
      const name = `e${this.#times.size}`;
      const before = Date.now();
      this.#client?.vero.track(name, { identity: JANE, data });
      this.#times.set(name, { before, after: Date.now() });
    }
  }

  late(server: MisbehavingServer): void {
    server.onWell = () => {
      server.onWell = () => {};
      passTime(200_000);
    };
  }

  received({ body, credential }: TransportRequest, isTaken: boolean): void {
    const text = withCredential(body, credential);
    const times = { at: performance.now(), time: Date.now() };
    this.#unseen.push({ head: '', path: '', text, nthOfConnection: 0, ...times });
    if (isTaken) this.#unseenTaken.push(text);
  }

  fakeTime(): (ms: number) => Promise<void> {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    this.defer(() => vi.useRealTimers());
    return async (ms) => {
      for (let passed = 0; passed < ms; passed += 5_000) {
        vi.advanceTimersByTime(Math.min(5_000, ms - passed));
        // What a timer began takes a few turns.
        for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
    };
  }

  defer(work: () => unknown): void {
    this.#cleanups.unshift(work);
  }

  async end(): Promise<void> {
    for (const work of this.#cleanups.splice(0)) await work();
  }

  check(expected: Expected): void {
    if (!this.#client) throw new Error('there is no client');
    const { vero, told } = this.#client;
    const { rejected = 0, dropped = 0, accepted, delivered, retries, requests } = expected;
    const received = [...this.#servers.flatMap((server) => server.received), ...this.#unseen];
    const taken = [...this.#servers.flatMap((server) => server.taken), ...this.#unseenTaken];

    // What became of the events, and that nothing is missing.
    expectBalanced(vero);
    const stats = vero.stats();
    expect(stats).toMatchObject({
      accepted,
      delivered,
      rejected,
      dropped,
      pending: 0,
      taken: 0,
      handedOver: 0,
    });
    expectCount(stats.retries, retries);
    expect(vero.deadLetters.list()).toHaveLength(rejected);
    expect(told.error).toEqual([]);

    // How often they were sent, and what was sent.
    expectCount(received.length, requests);
    const connections = this.#servers.reduce((sum, server) => sum + server.connections, 0);
    expectCount(connections, expected.connections ?? { atLeast: 0 });
    const takenNames = new Set(taken.map(nameOf));
    const deliveredNames = told.delivered.map(({ event }) => event.name);
    expect([...takenNames].sort()).toEqual([...deliveredNames].sort());
    if (expected.maybeTwice === false) expect(taken).toHaveLength(delivered);
    this.#checkBytes(received);
    for (const { head } of received) expect(head.includes('tok_secret_')).toBe(false);
    for (const server of this.#elsewhere) expect(server.connections).toBe(0);

    // What was told.
    this.#checkPauses(expected, received);
    const [failure] = [...told.retrying, ...told.rejected];
    if (expected.says) expect(failure?.error.message).toMatch(expected.says);
    if (expected.retryAfterMs !== undefined) {
      const { retryAfterMs } = expected;
      expect(failure?.error.retryAfterMs).toBe(Number.isNaN(retryAfterMs) ? undefined : retryAfterMs);
    }
    const doubtful = told.delivered.filter(({ possiblyDuplicate }) => possiblyDuplicate);
    const retried = new Set(told.retrying.map(({ event }) => event.name));
    for (const { event } of doubtful) expect(retried).toContain(event.name);
    if (expected.maybeTwice !== undefined) expect(doubtful.length > 0).toBe(expected.maybeTwice);
  }

  /** Every attempt of an event was the same bytes but for the credential, with the event's id and time. */
  #checkBytes(received: readonly Received[]): void {
    const ids = new Map(
      [...(this.#client?.told.delivered ?? []), ...(this.#client?.told.rejected ?? [])].map(({ event }) => [
        event.name,
        event.eventId,
      ]),
    );
    for (const [name, attempts] of byName(received)) {
      const texts = new Set(attempts.map(({ text }) => bare(text)));
      expect(texts.size).toBe(1);
      const [text = ''] = texts;
      expect(text.includes('tok_secret_')).toBe(false);
      const { data, extras } = JSON.parse(text);
      if (ids.has(name)) expect(data._event_id).toBe(ids.get(name));
      const { before = 0, after = 0 } = this.#times.get(name) ?? {};
      expect(Date.parse(extras.created_at)).toBeGreaterThanOrEqual(before);
      expect(Date.parse(extras.created_at)).toBeLessThanOrEqual(after);
    }
  }

  #checkPauses({ paused, pauseMs, dropped }: Expected, received: readonly Received[]): void {
    const { vero, told } = this.#client as TestClient;
    if (paused) {
      expect(told.paused.map(({ reason }) => reason)).toEqual(paused);
      // Whoever was closed in a pause is still in it.
      if (!dropped) expect(told.resumed.map(({ reason }) => reason)).toEqual(paused);
    }
    if (!dropped) expect(vero.stats().paused).toBeUndefined();
    // A pause is not the event's fault.
    if (paused && paused.length > 0 && !paused.includes('unreachable')) {
      for (const { attempts } of told.delivered) expect(attempts).toBe(1);
    }
    if (!pauseMs) return;
    const [{ retryInMs = -1 } = {}] = told.paused;
    expectCount(retryInMs, pauseMs);
    // Nothing was sent before the pause was over. Timers may be a little early.
    const [first, second] = received;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(retryInMs - 5);
  }
}

function expectCount(count: number, expected: Count): void {
  if (typeof expected === 'number') return void expect(count).toBe(expected);
  expect(count).toBeGreaterThanOrEqual(expected.atLeast);
  expect(count).toBeLessThanOrEqual(expected.atMost ?? Number.POSITIVE_INFINITY);
}

describe.each(FAULTS)('$fault', ({ cases, expected, event }) => {
  it.each(Object.entries(cases))(`%s: the event is ${event}`, async (_label, cause) => {
    const stage = new TestStage();
    try {
      await cause(stage);
      stage.check(expected);
    } finally {
      await stage.end();
    }
  });
});

describe('docs/reliability.md', () => {
  it('has the table of these faults; if it has not, run write-table.ts', () => {
    expect(page().found).toBe(table());
  });

  it.each(FAULTS)('says what the test of "$fault" expects', ({ does, event, expected }) => {
    const { rejected = 0, dropped = 0, maybeTwice, paused = [] } = expected;
    expect(event.includes('at worst twice')).toBe(maybeTwice !== false);
    expect(event.includes('dead letter')).toBe(rejected > 0);
    expect(event.includes('dropped')).toBe(dropped > 0);
    for (const reason of paused) expect(does).toContain(`(\`${reason}\`)`);
    if (paused.length === 0) expect(does).not.toMatch(/pauses delivery/i);
  });

  it('has a row for each fault', () => {
    const faults = FAULTS.map(({ fault }) => fault);
    expect(new Set(faults).size).toBe(faults.length);
    for (const row of table().trim().split('\n')) expect(row.match(/\|/g)).toHaveLength(4);
  });
});
