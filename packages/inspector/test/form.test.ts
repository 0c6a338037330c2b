import { describe, expect, it } from 'vitest';
import type { Inspector } from '../src/index.ts';
import { start, TOKEN } from './client.ts';
import { lastEntry } from './page-client.ts';

function send(inspector: Inspector, body: string, query = ''): Promise<Response> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return fetch(`${inspector.url}/api/v2/events/track${query}`, { method: 'POST', headers, body });
}

describe('a form', () => {
  it('is taken like JSON', async () => {
    const inspector = await start({ authToken: TOKEN });
    const body =
      `auth_token=${TOKEN}&event_name=Added+Item&identity[id]=1&identity%5Bemail%5D=jane%2Bshop%40example.com` +
      '&data[item][name]=Blue%20shoes&data[sizes][]=42&data[sizes][]=43&development_mode=true&extras[source]=curl';
    expect((await send(inspector, body)).status).toBe(200);
    expect(inspector.events()).toMatchObject([
      {
        name: 'Added Item',
        identity: { id: '1', email: 'jane+shop@example.com' },
        data: { item: { name: 'Blue shoes' }, sizes: ['42', '43'] },
        developmentMode: true,
        extras: { source: 'curl' },
        credential: '…0042',
      },
    ]);
  });

  it('may have its credential in the query string', async () => {
    const inspector = await start({ authToken: TOKEN });
    expect((await send(inspector, 'event_name=a&identity[id]=1', `?auth_token=${TOKEN}`)).status).toBe(200);
    expect((await send(inspector, 'event_name=a&identity[id]=1', '?auth_token=tok_secret_x')).status).toBe(
      401,
    );
  });

  it('has names like any other', async () => {
    const inspector = await start();
    const names = ['__proto__[admin]', 'constructor[prototype][admin]', 'data[__proto__][admin]', 'toString'];
    const body = `auth_token=tok_secret_form&event_name=a&identity[id]=1&${names.map((name) => `${name}=1`).join('&')}`;
    expect((await send(inspector, body)).status).toBe(200);
    expect(JSON.stringify(inspector.events()[0]?.data)).toBe('{"__proto__":{"admin":"1"}}');
    expect(({} as { admin?: string }).admin).toBeUndefined();
  });

  it.each([
    ['a[b=1', { 'a[b': '1' }],
    ['[]=1', { '[]': '1' }],
    ['a[]=1&a[b]=2', { a: { b: '2' } }],
    ['a=1&a=2', { a: '2' }],
    ['a[b]=1&a[]=2', { a: ['2'] }],
    ['=1', { '': '1' }],
  ])('may be odd, and hurts nobody: %s', async (odd, expected) => {
    const inspector = await start();
    const body = `auth_token=tok_secret_form&event_name=x&identity[id]=1&${odd}`;
    expect((await send(inspector, body)).status).toBe(200);
    expect(inspector.events()[0]?.body).toEqual({ event_name: 'x', identity: { id: '1' }, ...expected });
  });

  it.each([
    ['too many parameters', 'a=1&'.repeat(10_001)],
    ['too deep a name', `a${'[b]'.repeat(30)}=1`],
    ['a mode that is neither true nor false', 'event_name=x&identity[id]=1&development_mode=maybe'],
  ])('is refused for %s', async (_what, body) => {
    const inspector = await start();
    expect((await send(inspector, `auth_token=tok_secret_form&${body}`)).status).toBe(400);
    expect(inspector.events()).toEqual([]);
  });

  it('that is JSON, as curl sends it by itself, is taken with a note', async () => {
    const inspector = await start();
    const body = '{"auth_token":"tok_secret_form","event_name":"x","identity":{"id":"1"}}';
    expect((await send(inspector, body)).status).toBe(200);
    expect(await lastEntry(inspector)).toMatchObject({
      kind: 'event',
      issues: [expect.stringContaining('content-type: application/json')],
    });
  });
});
