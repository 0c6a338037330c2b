import { describe, expect, it, vi } from 'vitest';
import type { Fault } from '../src/index.ts';
import { isPending, post, raw, SIGN_UP, start } from './client.ts';

const BODY = JSON.stringify(SIGN_UP);
const RAW_POST = [
  'POST /api/v2/events/track HTTP/1.1',
  'Host: localhost',
  'Content-Type: application/json',
  `Content-Length: ${BODY.length}`,
  '',
  BODY,
].join('\r\n');

describe('a fault', () => {
  it('may be any status, without the event', async () => {
    const inspector = await start();
    inspector.failNext({ status: 503 });
    const response = await post(inspector);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: 503, message: 'Service Unavailable' });
    expect(inspector.events()).toEqual([]);
    expect(inspector.requests()).toMatchObject([{ status: 503, fault: { status: 503 }, message: undefined }]);
  });

  it('may have headers and a body', async () => {
    const inspector = await start();
    inspector.failNext({ status: 429, headers: { 'Retry-After': 2 }, body: { slow: 'down' } });
    const json = await post(inspector);
    expect([json.headers.get('retry-after'), await json.json()]).toEqual(['2', { slow: 'down' }]);
    inspector.failNext({
      status: 502,
      headers: { 'Content-Type': 'text/html' },
      body: '<h1>Bad gateway</h1>',
    });
    const html = await post(inspector);
    expect([html.headers.get('content-type'), await html.text()]).toEqual([
      'text/html',
      '<h1>Bad gateway</h1>',
    ]);
    inspector.failNext({ status: 204, body: '' });
    expect((await post(inspector)).status).toBe(204);
  });

  it('hang is never answered', async () => {
    const inspector = await start();
    inspector.failNext('hang');
    const answer = post(inspector);
    await vi.waitFor(() => expect(inspector.requests()).toHaveLength(1), { interval: 5 });
    expect(await isPending(answer)).toBe(true);
    expect(inspector.events()).toEqual([]);
    expect(inspector.requests()).toMatchObject([{ status: undefined, fault: 'hang' }]);
    await inspector.close();
    await expect(answer).rejects.toThrow();
  });

  it('hang-body takes the event, and stops in the middle of the answer', async () => {
    const inspector = await start();
    inspector.failNext('hang-body');
    const answer = raw(inspector, RAW_POST);
    await inspector.waitForEvent('user_signed_up');
    expect(await isPending(answer)).toBe(true);
    inspector.failNext('hang-body');
    const response = await post(inspector);
    expect(response.status).toBe(200);
    const body = response.text();
    expect(await isPending(body)).toBe(true);
    await inspector.close();
    await expect(body).rejects.toThrow();
    expect(await answer).toMatch(/content-length: 35\r\n[\s\S]*\r\n\r\n\{"status":200,"me$/i);
  });

  it('drop ends the connection without the event', async () => {
    const inspector = await start();
    inspector.failNext('drop');
    await expect(post(inspector)).rejects.toThrow();
    expect(inspector.events()).toEqual([]);
    expect(inspector.requests()).toMatchObject([{ status: undefined, fault: 'drop' }]);
  });

  it('accept-then-drop takes the event and loses the answer', async () => {
    const inspector = await start();
    inspector.failNext('accept-then-drop');
    await expect(post(inspector)).rejects.toThrow();
    expect(inspector.events()).toHaveLength(1);
    expect(inspector.requests()).toMatchObject([{ status: undefined, fault: 'accept-then-drop' }]);
    inspector.failNext('accept-then-drop');
    expect(await raw(inspector, RAW_POST)).toBe('');
  });

  it('accept-then-drop does not take what would be refused', async () => {
    const inspector = await start();
    inspector.failNext('accept-then-drop');
    await expect(post(inspector, { ...SIGN_UP, event_name: '' })).rejects.toThrow();
    expect(inspector.events()).toEqual([]);
  });

  it('may be a delay, with the event taken at once', async () => {
    const inspector = await start();
    inspector.failNext({ delayMs: 30 });
    const before = performance.now();
    expect((await post(inspector)).status).toBe(200);
    // Timers may be a millisecond early.
    expect(performance.now() - before).toBeGreaterThanOrEqual(29);

    inspector.failNext({ delayMs: 60_000 });
    const answer = post(inspector, { ...SIGN_UP, event_name: 'late' });
    await inspector.waitForEvent('late');
    expect(await isPending(answer)).toBe(true);
    await inspector.close();
    await expect(answer).rejects.toThrow();
  });

  it('outlives a client that leaves before its answer', async () => {
    const inspector = await start();
    inspector.failNext({ delayMs: 1 });
    const leaving = new AbortController();
    const answer = post(inspector, SIGN_UP, { signal: leaving.signal });
    await inspector.waitForEvent('user_signed_up');
    leaving.abort();
    await expect(answer.then((response) => response.text())).rejects.toThrow();
    expect((await post(inspector)).status).toBe(200);
  });

  it.each<[string, unknown]>([
    ['an unknown name', 'explode'],
    ['nothing', undefined],
    ['an empty object', {}],
    ['two things at once', { status: 500, delayMs: 5 }],
    ['a status of no answer', { status: 101 }],
    ['a status of no protocol', { status: 999 }],
    ['a header that cannot be sent', { status: 500, headers: { 'x-split': 'a\r\nb' } }],
    ['a delay into the past', { delayMs: -1 }],
    ['a delay without end', { delayMs: Number.POSITIVE_INFINITY }],
  ])('is refused when it is %s', async (_what, fault) => {
    const inspector = await start();
    expect(() => inspector.failNext(fault as Fault)).toThrow();
    expect(() => inspector.fail(fault as Fault)).toThrow();
    expect((await post(inspector)).status).toBe(200);
  });
});

describe('the next requests', () => {
  it('get as many faults as were ordered, in that order', async () => {
    const inspector = await start();
    inspector.failNext({ status: 500 }, 2);
    inspector.failNext({ status: 429 });
    const statuses: number[] = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await post(inspector)).status);
    expect(statuses).toEqual([500, 500, 429, 200]);
    expect(() => inspector.failNext('hang', 0)).toThrow('count');
  });

  it('do not spend a fault on what is no track request', async () => {
    const inspector = await start();
    inspector.failNext({ status: 500 });
    await fetch(`${inspector.url}/api/v2/heartbeat`);
    await fetch(`${inspector.url}/api/v2/events/track`);
    expect((await post(inspector)).status).toBe(500);
  });

  it('get the fault whatever is in them', async () => {
    const inspector = await start({ maxBodyBytes: 100 });
    inspector.failNext({ status: 500 }, 2);
    expect((await post(inspector, '{')).status).toBe(500);
    expect((await post(inspector, ' '.repeat(101))).status).toBe(500);
  });
});

describe('all requests', () => {
  it('get a fault until it is over', async () => {
    const inspector = await start();
    const recover = inspector.fail({ status: 503 });
    expect([(await post(inspector)).status, (await post(inspector)).status]).toEqual([503, 503]);
    inspector.clear();
    inspector.failNext({ status: 500 });
    expect([(await post(inspector)).status, (await post(inspector)).status]).toEqual([500, 503]);
    recover();
    recover();
    expect((await post(inspector)).status).toBe(200);
  });

  it('get the latest of several faults, whichever ends first', async () => {
    const inspector = await start();
    const first = inspector.fail({ status: 501 });
    const second = inspector.fail({ status: 502 });
    expect((await post(inspector)).status).toBe(502);
    first();
    expect((await post(inspector)).status).toBe(502);
    second();
    expect((await post(inspector)).status).toBe(200);
  });
});
