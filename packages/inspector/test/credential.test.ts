import { describe, expect, it } from 'vitest';
import type { Entry } from '../src/page-contract.ts';
import { post, raw, SIGN_UP, start, TOKEN } from './client.ts';
import { ask, entries, lastEntry } from './page-client.ts';

const type = (contentType: string) => ({ headers: { 'content-type': contentType } });
const part = (headers: string) =>
  `--x\r\nContent-Disposition: form-data; name="auth_token"\r\n${headers}\r\n${TOKEN}\r\n--x--`;

describe('a credential in a text that is refused before it is read', () => {
  it.each([
    ['over two lines', `{"auth_token": "first line\n${TOKEN}", "a"`],
    ['behind what would end a word', `{"auth_token": "a, b; ${TOKEN}", "a"`],
    ['with an escaped quote in it', `{"auth_token": "a\\"b ${TOKEN}", "a"`],
    ['in a text in a text', `{"a": "{\\"auth_token\\": \\"a ${TOKEN}\\"}"`],
    ['once by its name and once without', `{"auth_token": "${TOKEN}", "note": "it is ${TOKEN}", `],
    ['without its name first', `{"note": "${TOKEN}, or so", "auth_token": "${TOKEN}, "a"`],
    ['encoded once and plain once', `auth_token=${TOKEN.replaceAll('_', '%5F')}&note=${TOKEN}`],
    ['ending like a pattern', `{"auth_token": "${TOKEN}$&", "note": "${TOKEN}$&"`],
    ['in a list', `{"auth_token": ["a", ["b"], "${TOKEN}"], "a"`],
    ['in an object', `{"auth_token": {"a": {}, "b": "${TOKEN}"}, "a"`],
    ['in a list of a form', `identity[auth_token][]=${TOKEN}&a=b`],
    ['in an encoded list of a form', `identity%5Bauth_token%5D%5B%5D=${TOKEN}&a=b`],
    ['in a part with a header', part('Content-Type: text/plain\r\n')],
    ['in a part with two headers', part('Content-Type: text/plain\r\nContent-Length: 24\r\n')],
    ['as authToken', `{"authToken": "${TOKEN}"`],
    ['as auth-token', `auth-token: ${TOKEN}`],
    ['as trackingApiKey', `{"trackingApiKey": "${TOKEN}"`],
    ['as Tracking-Api-Key', `Tracking-Api-Key=${TOKEN}`],
  ])('does not show: %s', async (_how, text) => {
    const inspector = await start();
    expect((await post(inspector, text, type('text/plain'))).status).toBe(415);
    const shown = JSON.stringify(await lastEntry(inspector));
    expect(shown).toContain('…');
    expect(shown.includes(TOKEN)).toBe(false);
    expect(shown.includes('first line')).toBe(false);
  });

  it('leaves the rest as it was, also when it is brought in again', async () => {
    const inspector = await start();
    const text = (credential: string) =>
      `{"auth_token": "${credential}", "event_name": "x", "note": "${credential}", "auth_token": "", `;
    await post(inspector, text(TOKEN));
    expect((await lastEntry(inspector)).body).toBe(text('…0042'));
    await post(
      inspector,
      `auth_token=&event_name=event_name&tracking_api_key=${TOKEN}&a`,
      type('text/plain'),
    );
    expect((await lastEntry(inspector)).body).toBe(
      'auth_token=&event_name=event_name&tracking_api_key=…0042&a',
    );
    const lines = await (await fetch(`${inspector.url}/_/api/export`)).text();
    const other = await start();
    const headers = { 'content-type': 'application/x-ndjson' };
    await fetch(`${other.url}/_/api/import`, { method: 'POST', headers, body: lines });
    expect(await (await fetch(`${other.url}/_/api/export`)).text()).toBe(lines);
  });

  it('takes no time that matters, however often it is there', async () => {
    const inspector = await start();
    for (const each of ['auth_token', 'name="auth_token"\n', '"auth_token":"', '"auth_token":[']) {
      await post(inspector, each.repeat(1_000_000 / each.length), type('text/plain'));
    }
    const many = Array.from({ length: 20_000 }, (_, count) => `auth_token=tok_secret_${count}&`);
    await post(inspector, many.join(''), type('text/plain'));
    expect(await entries(inspector)).toHaveLength(5);
    const shown = JSON.stringify(await lastEntry(inspector));
    expect(shown.includes('tok_secret_')).toBe(false);
  });
});

describe('a credential in a body that is read', () => {
  it.each<[string, object]>([
    ['a list', { identity: { id: '1', auth_token: [TOKEN] } }],
    ['an object', { data: { auth_token: { a: TOKEN } } }],
    ['a number', { data: { auth_token: 4_242_424_242 } }],
    ['authToken', { authToken: TOKEN, data: { note: TOKEN } }],
    ['auth-token', { data: { 'auth-token': TOKEN } }],
    ['tracking_apikey', { data: { tracking_apikey: TOKEN } }],
    ['TRACKING-API-KEY', { data: { 'TRACKING-API-KEY': TOKEN } }],
  ])('is masked as %s', async (_what, change) => {
    const inspector = await start();
    const body = { ...SIGN_UP, auth_token: 'tok_secret_other', ...change };
    expect((await post(inspector, body)).status).toBe(200);
    const everything = JSON.stringify([
      await lastEntry(inspector),
      inspector.events(),
      inspector.users(),
      await (await fetch(`${inspector.url}/_/api/export`)).text(),
    ]);
    expect(everything).toContain('…');
    expect([TOKEN, '4242424242'].filter((each) => everything.includes(each))).toEqual([]);
  });

  it('is masked in a list of a form', async () => {
    const inspector = await start();
    const form = `auth_token=tok_secret_other&event_name=a&identity[id]=1&identity[auth_token][]=${TOKEN}`;
    expect((await post(inspector, form, type('application/x-www-form-urlencoded'))).status).toBe(200);
    expect(inspector.events()[0]?.identity).toEqual({ id: '1', auth_token: '…' });
  });

  it('under a misspelt name is still seen to be there', async () => {
    const inspector = await start();
    const { auth_token: authToken, ...body } = SIGN_UP;
    expect((await post(inspector, { authToken, ...body })).status).toBe(400);
    expect(JSON.parse((await lastEntry(inspector)).body)).toMatchObject({ authToken: '…0042' });
  });
});

describe('a credential in a path', () => {
  it.each([
    ['behind an ampersand', `/api/v2/events/track&auth_token=${TOKEN}`],
    ['once by its name and once without', `/api/v2/events/track;authToken=${TOKEN}/${TOKEN}`],
    ['as in the query string', `/api/v2/events/${TOKEN}?auth_token=${TOKEN}`],
    ['where the path is cut', `/api/v2/${'x'.repeat(480)}/${TOKEN}?auth_token=${TOKEN}`],
  ])('does not show: %s', async (_how, path) => {
    const inspector = await start();
    await raw(inspector, `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    const [line] = await entries(inspector);
    const entry = await ask<Entry>(inspector, `entries/${line?.seq}`);
    const everything = JSON.stringify([line, entry, inspector.requests()]);
    expect(everything).toContain('…');
    expect(everything.includes(TOKEN.slice(0, 12))).toBe(false);
  });

  it('does not show when it is brought in', async () => {
    const inspector = await start();
    const line = { kind: 'refused', path: `/track&auth_token=${TOKEN}`, text: `{"auth_token":"${TOKEN}` };
    const headers = { 'content-type': 'application/x-ndjson' };
    const body = JSON.stringify(line);
    await fetch(`${inspector.url}/_/api/import`, { method: 'POST', headers, body });
    const shown = JSON.stringify(await lastEntry(inspector));
    expect(shown).toContain('/track&auth_token=…0042');
    expect(shown.includes(TOKEN)).toBe(false);
  });
});
