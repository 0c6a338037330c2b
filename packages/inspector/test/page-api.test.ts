import { describe, expect, it, vi } from 'vitest';
import type {
  Chart,
  Entry,
  FaultState,
  InspectorState,
  People,
  TriggerResult,
} from '../src/page-contract.ts';
import { post, SIGN_UP, start, TOKEN } from './client.ts';
import { asJson, ask, call, entries, lastEntry } from './page-client.ts';

const DAY_MS = 86_400_000;
const track = (event_name: string, id: string, change: object = {}) => ({
  ...SIGN_UP,
  event_name,
  identity: { id },
  ...change,
});
const daysAgo = (days: number) => ({ created_at: new Date(Date.now() - days * DAY_MS).toISOString() });

describe('the state', () => {
  it('tells where it is and what it keeps', async () => {
    const inspector = await start({ maxEvents: 2, dedupe: { windowMs: 1_000 } });
    for (const id of ['1', '2', '3']) await post(inspector, track('a', id));
    const expected: InspectorState = {
      url: inspector.url,
      maxEvents: 2,
      dedupeWindowMs: 1_000,
      database: null,
      total: 3,
      faults: [],
    };
    expect(await ask(inspector, 'state')).toEqual(expected);
    inspector.clear();
    expect(await ask(inspector, 'state')).toEqual({ ...expected, total: 0 });
    expect(await ask(await start(), 'state')).toMatchObject({ dedupeWindowMs: null });
  });
});

describe('an entry', () => {
  it('tells everything of an event', async () => {
    const inspector = await start();
    const extras = { source: 'shop', created_at: '2026-01-31T12:00:00Z' };
    const payload = {
      event_name: 'Added  Item',
      identity: { id: '1', email: 'jane@example.com' },
      data: { item: 'Blue shoes', price: 40, tags: ['a'] },
      development_mode: true,
      extras,
    };
    await post(inspector, { auth_token: TOKEN, ...payload });
    const entry = await lastEntry(inspector);
    expect(entry).toEqual({
      seq: 1,
      at: expect.any(Number),
      kind: 'event',
      method: 'POST',
      path: '/api/v2/events/track',
      status: 200,
      message: null,
      fault: null,
      name: 'Added  Item',
      foldedName: 'added_item',
      userId: '1',
      email: 'jane@example.com',
      source: 'shop',
      developmentMode: true,
      happenedAt: Date.parse(extras.created_at),
      attempt: 1,
      preview: 'item: Blue shoes, price: 40, tags: ["a"]',
      body: JSON.stringify(payload, null, 2),
      credential: '…0042',
      curl: expect.stringContaining('-d \'{"auth_token":"YOUR_AUTH_TOKEN","event_name":"Added  Item"'),
      issues: [],
    } satisfies Entry);
  });

  it.each([
    ['refused', { ...SIGN_UP, data: [], event_name: '' }, { status: 400, issues: [/event_name/, /data/] }],
    ['refused', '{"auth_token":', { status: 400, body: '{"auth_token":', issues: [/not JSON/], name: '' }],
    ['refused', 'null', { status: 400, body: 'null', issues: [/object/] }],
  ] as const)('tells why it was %s', async (kind, body, { issues, ...expected }) => {
    const inspector = await start();
    await post(inspector, body);
    const entry = await lastEntry(inspector);
    expect(entry).toMatchObject({ kind, message: expect.any(String), ...expected });
    expect(entry.issues).toEqual(issues.map((issue) => expect.stringMatching(issue)));
  });

  it('tells what a fault made of it', async () => {
    const inspector = await start();
    inspector.failNext({ status: 503 });
    inspector.failNext('drop');
    inspector.failNext('accept-then-drop');
    inspector.failNext({ delayMs: 1 });
    for (let count = 0; count < 4; count += 1) await post(inspector).catch(() => undefined);
    const told = (await entries(inspector)).map(({ kind, fault, status, attempt }) => [
      kind,
      fault,
      status,
      attempt,
    ]);
    expect(told).toEqual([
      ['fault', '503', 503, 1],
      ['fault', 'drop', null, 2],
      ['event', 'accept-then-drop', null, 3],
      ['duplicate', '1 ms late', 200, 4],
    ]);
    expect(inspector.events()).toHaveLength(2);
  });

  it('is made of every request to the API but heartbeats, and of no other', async () => {
    const inspector = await start();
    await fetch(`${inspector.url}/api/v2/heartbeat`);
    await fetch(`${inspector.url}/favicon.ico`);
    await fetch(`${inspector.url}/`);
    await fetch(`${inspector.url}/api/v1/track`, asJson({}));
    await fetch(`${inspector.url}/api/v2/events/track?auth_token=${TOKEN}`);
    await fetch(`${inspector.url}/events`, asJson({}));
    const told = (await entries(inspector)).map(({ kind, method, path, status }) => [
      kind,
      method,
      path,
      status,
    ]);
    expect(told).toEqual([
      ['refused', 'POST', '/api/v1/track', 404],
      ['refused', 'GET', '/api/v2/events/track', 405],
      ['refused', 'POST', '/events', 404],
    ]);
  });

  it('marks what Vero would drop, though it is an event here unless dedupe is set', async () => {
    for (const dedupe of [undefined, { windowMs: 60_000 }]) {
      const inspector = await start({ dedupe });
      await post(inspector, track('Added Item', '1'));
      await post(inspector, track('added_item', '1'));
      await post(inspector, track('added_item', '1', { development_mode: true }));
      expect((await entries(inspector)).map(({ kind }) => kind)).toEqual(['event', 'duplicate', 'event']);
      expect([inspector.events().length, inspector.duplicates().length]).toEqual(dedupe ? [2, 1] : [3, 0]);
    }
  });

  it('is shown in part if it is huge, and never with a credential', async () => {
    const inspector = await start();
    await post(inspector, { ...SIGN_UP, data: { text: 'x'.repeat(500_000) } });
    const { body, preview, curl } = await lastEntry(inspector);
    expect(body.length).toBeLessThan(262_200);
    expect(body).toContain('(cut here)');
    expect(preview).toHaveLength(200);
    expect(curl).toContain('@body.json');
    for (const text of [
      `{"auth_token": "${TOKEN}`,
      `auth_token=${TOKEN}&x`,
      `{'tracking_api_key' : '${TOKEN}'}`,
      `auth%5ftoken=${TOKEN}`,
      `--x\r\nContent-Disposition: form-data; name="auth_token"\r\n\r\n${TOKEN}\r\n--x--`,
      JSON.stringify(JSON.stringify({ auth_token: TOKEN })),
      JSON.stringify([{ auth_token: TOKEN }]),
      `{"auth\\u005ftoken":"${TOKEN}`,
    ]) {
      await post(inspector, text);
      const shown = JSON.stringify(await lastEntry(inspector));
      expect(shown).toContain('…0042');
      expect(shown.includes(TOKEN)).toBe(false);
    }
    const nested = {
      identity: { id: '1', auth_token: TOKEN },
      event_name: 'x',
      auth_token: 'tok_secret_other',
    };
    await post(inspector, nested);
    expect(JSON.stringify(await lastEntry(inspector)).includes(TOKEN)).toBe(false);
  });

  it('is not there before it came or after it was forgotten', async () => {
    const inspector = await start({ maxEvents: 1 });
    await post(inspector, track('a', '1'));
    await post(inspector, track('b', '1'));
    for (const seq of [0, 1, 3, '99999999999999999999']) {
      const response = await fetch(`${inspector.url}/_/api/entries/${seq}`);
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({ message: expect.stringContaining('no such entry') });
    }
    expect(await ask(inspector, 'entries/2')).toMatchObject({ name: 'b' });
  });
});

describe('people', () => {
  it('are found by id, address or attribute, the ones seen last first', async () => {
    const inspector = await start();
    await post(inspector, track('a', '1', { identity: { id: '1', email: 'Jane@example.com' } }));
    await post(inspector, track('a', '2', { identity: { id: '2', city: 'BONN' } }));
    const find = async (text: string) => {
      const { total, people } = await ask<People>(inspector, `people?text=${text}`);
      return [total, ...people.map(({ id }) => id)];
    };
    expect(await find('')).toEqual([2, '2', '1']);
    expect(await find('jane%40')).toEqual([1, '1']);
    expect(await find('bonn')).toEqual([1, '2']);
    expect(await find('nobody')).toEqual([0]);
    const none = await fetch(`${inspector.url}/_/api/person?id=3&developmentMode=false`);
    expect([none.status, await none.json()]).toEqual([
      404,
      { message: expect.stringContaining('no such person') },
    ]);
  });
});

describe('the chart', () => {
  it('counts events by folded name, the most frequent first', async () => {
    const inspector = await start();
    for (const [name, id] of [
      ['Added Item', '1'],
      ['added_item', '2'],
      ['other thing', '1'],
      ['added item', '2'],
    ]) {
      await post(inspector, track(name!, id!));
    }
    await post(inspector, track('test', '1', { development_mode: true }));
    const chart = await ask<Chart>(inspector, 'chart?minutes=60&developmentMode=false');
    const sums = chart.series.map(({ name, counts }) => [
      name,
      counts.reduce((sum, count) => sum + count, 0),
    ]);
    expect(sums).toEqual([
      ['added_item', 2],
      ['other_thing', 1],
    ]);
    expect(chart.barMs).toBe(60_000);
    for (const { counts } of chart.series) expect(counts).toHaveLength(60);
    const development = await ask<Chart>(inspector, 'chart?minutes=60&developmentMode=true');
    expect(development.series.map(({ name }) => name)).toEqual(['test']);
  });

  it('has eight names, and the rest together', async () => {
    const inspector = await start();
    for (let name = 0; name < 11; name += 1) await post(inspector, track(`n${name}`, '1'));
    await post(inspector, track('n10', '2'));
    const { series } = await ask<Chart>(inspector, 'chart?minutes=5');
    expect(series).toHaveLength(9);
    expect(series[0]?.name).toBe('n10');
    expect(series[8]?.name).toBe('other');
    expect(series[8]?.counts.reduce((sum, count) => sum + count, 0)).toBe(3);
  });
});

describe('a trigger', () => {
  it('reaches who did one thing and not the other in time', async () => {
    const inspector = await start();
    const did = (id: string, name: string, days: number) =>
      post(inspector, track(name, id, { extras: daysAgo(days), data: { days } }));
    await did('never', 'Signed Up', 20);
    await did('in time', 'Signed Up', 20);
    await did('in time', 'Purchased', 10);
    await did('too late', 'signed_up', 20);
    await did('too late', 'purchased', 1);
    await did('before', 'purchased', 30);
    await did('before', 'signed up', 20);
    await did('new', 'signed up', 3);
    await did('again', 'signed up', 20);
    await did('again', 'SIGNED UP', 2);
    await did('other', 'purchased', 2);
    await did('gone', 'signed up', 20);
    await post(inspector, track('signed up', 'developer', { extras: daysAgo(20), development_mode: true }));
    await call(inspector, 'POST', 'users/delete', { id: 'gone' });
    await call(inspector, 'PUT', 'users/reidentify', { id: 'never', new_id: 'renamed' });
    await call(inspector, 'POST', 'users/unsubscribe', { id: 'before' });

    const request = { did: 'signed up', didNot: 'Purchased', withinDays: 14, developmentMode: false };
    const result = await ask<TriggerResult>(inspector, 'trigger', request);
    expect(result.reached.map(({ id, isSubscribed }) => [id, isSubscribed]).toSorted()).toEqual([
      ['before', false],
      ['renamed', true],
      ['too late', true],
    ]);
    expect(result.waiting.map(({ id }) => id)).toEqual(['again', 'new']);
    expect(result.converted).toBe(1);
    const inDevelopment = await ask<TriggerResult>(inspector, 'trigger', {
      ...request,
      developmentMode: true,
    });
    expect(inDevelopment.reached).toMatchObject([{ id: 'developer' }]);
  });
});

describe('a fault from the page', () => {
  it('is met by so many requests, and shown while it is there', async () => {
    const inspector = await start();
    const state = await ask<FaultState>(inspector, 'faults', {
      kind: 'status',
      status: 429,
      retryAfter: 30,
      count: 2,
    });
    expect(state).toEqual({
      id: expect.any(String),
      label: '429 with Retry-After: 30',
      left: 2,
      until: null,
    });
    const response = await post(inspector);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '30']);
    expect(await ask(inspector, 'state')).toMatchObject({ faults: [{ ...state, left: 1 }] });
    await post(inspector);
    expect(await ask(inspector, 'state')).toMatchObject({ faults: [] });
    expect((await post(inspector)).status).toBe(200);
  });

  it.each([
    [{ kind: 'status', status: 500 }, '500'],
    [{ kind: 'hang' }, 'hang'],
    [{ kind: 'drop' }, 'drop'],
    [{ kind: 'accept-then-drop' }, 'accept-then-drop'],
    [{ kind: 'delay', delayMs: 100 }, '100 ms late'],
  ])('may be %j for a while, until it is ended', async (fault, label) => {
    const inspector = await start();
    const before = Date.now();
    const state = await ask<FaultState>(inspector, 'faults', { ...fault, forMs: 60_000 });
    expect(state).toMatchObject({ label, left: null });
    expect(state.until).toBeGreaterThanOrEqual(before + 60_000);
    const end = () => fetch(`${inspector.url}/_/api/faults/${state.id}`, asJson({}, 'DELETE'));
    expect((await end()).status).toBe(200);
    expect((await post(inspector)).status).toBe(200);
    expect((await end()).status).toBe(404);
  });

  it('ends by itself', async () => {
    const inspector = await start();
    await ask(inspector, 'faults', { kind: 'drop', forMs: 1 });
    await vi.waitFor(async () => expect(await ask(inspector, 'state')).toMatchObject({ faults: [] }), {
      interval: 5,
    });
    expect((await post(inspector)).status).toBe(200);
  });

  it.each([
    [{ kind: 'explode', count: 1 }, 'kind'],
    [{ kind: 'status', status: 200, count: 1 }, 'status'],
    [{ kind: 'status', status: 500, retryAfter: -1, count: 1 }, 'retryAfter'],
    [{ kind: 'delay', count: 1 }, 'delayMs'],
    [{ kind: 'drop' }, 'count and forMs'],
    [{ kind: 'drop', count: 1, forMs: 1 }, 'count and forMs'],
    [{ kind: 'drop', count: 0 }, 'count'],
    [{ kind: 'drop', forMs: 2 ** 31 }, 'forMs'],
    [[], 'JSON object'],
  ])('is refused when it makes no sense: %j', async (request, culprit) => {
    const inspector = await start();
    const response = await fetch(`${inspector.url}/_/api/faults`, asJson(request));
    expect([response.status, await response.json()]).toEqual([
      400,
      { message: expect.stringContaining(culprit) },
    ]);
    expect((await post(inspector)).status).toBe(200);
  });
});

describe('what the page asks', () => {
  it('may forget everything', async () => {
    const inspector = await start();
    await post(inspector);
    expect(await ask(inspector, 'clear', {})).toEqual({});
    expect([inspector.events(), inspector.users(), await entries(inspector)]).toEqual([[], [], []]);
    await post(inspector);
    expect((await entries(inspector)).map(({ seq, kind }) => [seq, kind])).toEqual([[2, 'event']]);
  });

  it.each([
    ['chart?minutes=0', 'minutes'],
    ['chart?minutes=1e9', 'minutes'],
    ['chart?developmentMode=maybe', 'developmentMode'],
    ['feed?after=-1', 'after'],
  ])('is refused when it makes no sense: %s', async (path, culprit) => {
    const response = await fetch(`${(await start()).url}/_/api/${path}`);
    expect([response.status, await response.json()]).toEqual([
      400,
      { message: expect.stringContaining(culprit) },
    ]);
  });

  it.each([
    ['trigger', { did: '', didNot: 'b', withinDays: 1 }],
    ['trigger', { did: 'a', didNot: 'b', withinDays: -1 }],
    ['trigger', { did: 'a', didNot: 'b', withinDays: 1, developmentMode: 'no' }],
    ['preview', { template: 1, seq: 1 }],
    ['preview', { template: 'x', seq: 'one' }],
  ])('is refused when it makes no sense: %s %j', async (path, body) => {
    const response = await fetch(`${(await start()).url}/_/api/${path}`, asJson(body));
    expect([response.status, await response.json()]).toEqual([
      400,
      { message: expect.stringContaining('Bad request') },
    ]);
  });

  it.each(['/_/', '/_/api', '/_/api/', '/_/api/nothing', '/_/api/entries/x', '/_/api/state/'])(
    'is not there: %s',
    async (path) => {
      const response = await fetch((await start()).url + path);
      expect([response.status, await response.json()]).toEqual([
        404,
        { message: expect.stringContaining('Not found') },
      ]);
    },
  );
});
