import { describe, expect, it, vi } from 'vitest';
import type { Chart, FaultState, People, TriggerResult } from '../src/page-contract.ts';
import { post, SIGN_UP, start } from './client.ts';
import { asJson, ask, call, entries } from './page-client.ts';

const DAY_MS = 86_400_000;
const track = (event_name: string, id: string, change: object = {}) => ({
  ...SIGN_UP,
  event_name,
  identity: { id },
  ...change,
});
const daysAgo = (days: number) => ({ created_at: new Date(Date.now() - days * DAY_MS).toISOString() });

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
    ['trigger', { did: 'a b', didNot: 'A_B', withinDays: 1 }],
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
