import { describe, expect, it } from 'vitest';
import type { Entry, InspectorState } from '../src/page-contract.ts';
import { post, SIGN_UP, start, TOKEN } from './client.ts';
import { asJson, ask, entries, lastEntry } from './page-client.ts';

const track = (event_name: string, id: string, change: object = {}) => ({
  ...SIGN_UP,
  event_name,
  identity: { id },
  ...change,
});

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
      curl: expect.stringContaining(
        '--data-raw \'{"auth_token":"YOUR_AUTH_TOKEN","event_name":"Added  Item"',
      ),
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
