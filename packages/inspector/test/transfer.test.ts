import { describe, expect, it } from 'vitest';
import type { Inspector } from '../src/index.ts';
import type { ImportResult } from '../src/page-contract.ts';
import { post, SIGN_UP, start, TOKEN } from './client.ts';
import { call, entries } from './page-client.ts';

const exported = async (inspector: Inspector) => await (await fetch(`${inspector.url}/_/api/export`)).text();

async function bringIn(inspector: Inspector, body: string | Uint8Array<ArrayBuffer>): Promise<ImportResult> {
  const headers = { 'content-type': 'application/x-ndjson' };
  const response = await fetch(`${inspector.url}/_/api/import`, { method: 'POST', headers, body });
  expect(response.status).toBe(200);
  return (await response.json()) as ImportResult;
}

const LINE = {
  kind: 'event',
  at: 1_769_860_800_000,
  path: '/api/v2/events/track',
  body: { event_name: 'old', identity: { id: '1', age: 25 } },
};
const lines = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

describe('export and import', () => {
  it('bring back what there was', async () => {
    const inspector = await start({ dedupe: { windowMs: 60_000 } });
    inspector.failNext({ status: 503 });
    for (const identity of [{ id: '1' }, { id: '1' }, { id: '1' }])
      await post(inspector, { ...SIGN_UP, identity });
    await post(inspector, '{"event_name":');
    await post(inspector, {
      ...SIGN_UP,
      data: JSON.parse('{"__proto__":{"a":1},"🛒":"\\u0000\\u2028"}'),
      event_name: 'x',
    });
    await post(inspector, { ...SIGN_UP, data: [] });
    await call(inspector, 'PUT', 'users/tags/edit', { id: '1', add: ['vip'] });
    await call(inspector, 'PUT', 'users/reidentify', { id: '1', new_id: '2' });
    const response = await fetch(`${inspector.url}/_/api/export`);
    expect(response.headers.get('content-type')).toContain('application/x-ndjson');
    expect(response.headers.get('content-disposition')).toContain('attachment');
    const before = await response.text();
    const people = inspector.users();

    const other = await start({ dedupe: { windowMs: 60_000 } });
    expect(await bringIn(other, before)).toEqual({ imported: 8, failed: 0, problems: [] });
    expect(await exported(other)).toBe(before);
    expect(other.users()).toEqual(people);
    const [told, toldThere] = [await entries(inspector), await entries(other)];
    expect(toldThere).toEqual(told);
    expect(told.map(({ kind }) => kind)).toEqual([
      'fault',
      'event',
      'duplicate',
      'refused',
      'event',
      'refused',
      'user',
      'user',
    ]);
    // What was brought in was not received.
    expect(other.events()).toEqual([]);
  });

  it('take a file of any length in pieces', async () => {
    const inspector = await start({ maxEvents: 100 });
    const body = lines(LINE).repeat(5_000);
    const halves = [body.slice(0, 400_001), body.slice(400_001)].map((half) =>
      new TextEncoder().encode(half),
    );
    const stream = ReadableStream.from(halves);
    const response = await fetch(`${inspector.url}/_/api/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: stream,
      duplex: 'half',
    } as RequestInit);
    expect(await response.json()).toEqual({ imported: 5_000, failed: 0, problems: [] });
    expect(await entries(inspector)).toHaveLength(100);
  });
});

describe('an import', () => {
  it('tells which lines it does not take, and takes the others', async () => {
    const inspector = await start();
    const body = [
      lines(LINE).trim(),
      '',
      '{',
      '[]',
      JSON.stringify({ ...LINE, body: { event_name: 'x', identity: {} } }),
      JSON.stringify({ ...LINE, kind: 'party' }),
      JSON.stringify({ ...LINE, at: 'yesterday' }),
      JSON.stringify({ ...LINE, path: '/api/v2/users/track' }),
      JSON.stringify({ ...LINE, path: `/x?auth_token=${TOKEN}` }),
      JSON.stringify({ ...LINE, kind: 'user', path: '/api/v2/users/edit', body: { id: '1' } }),
      JSON.stringify({ ...LINE, body: [] }),
      lines(LINE).trim(),
    ].join('\n');
    const { imported, problems } = await bringIn(inspector, body);
    expect(imported).toBe(2);
    expect(problems).toEqual([
      { line: 3, message: expect.stringContaining('not JSON') },
      { line: 4, message: expect.stringContaining('no JSON object') },
      { line: 5, message: expect.stringContaining('identity.id') },
      { line: 6, message: expect.stringContaining('kind') },
      { line: 7, message: expect.stringContaining('at must be') },
      { line: 8, message: expect.stringContaining('path') },
      { line: 9, message: expect.stringContaining('path') },
      { line: 10, message: expect.stringContaining('changes') },
      { line: 11, message: expect.stringContaining('object') },
    ]);
    expect(JSON.stringify(problems).includes(TOKEN)).toBe(false);
  });

  it('takes what one would send to Vero, and keeps no credential', async () => {
    const inspector = await start();
    await bringIn(
      inspector,
      lines(SIGN_UP, { ...LINE, credential: TOKEN, body: { ...LINE.body, auth_token: TOKEN } }),
    );
    expect((await entries(inspector)).map(({ name, at }) => [name, at < Date.now() - 1_000_000])).toEqual([
      ['user_signed_up', false],
      ['old', true],
    ]);
    expect(inspector.users()).toMatchObject([{ id: '1', events: 2 }]);
    const shown = await exported(inspector);
    expect(shown).toContain('…0042');
    expect(shown.includes(TOKEN)).toBe(false);
  });

  it('takes bad bytes and endless lines as problems of their lines', async () => {
    const inspector = await start();
    const bytes = Buffer.concat([
      Buffer.from([0xff, 0xfe, 0x0a]),
      Buffer.from(`"${'x'.repeat(17 * 1024 * 1024)}"\n`),
      Buffer.from(lines(LINE)),
    ]);
    const { imported, problems } = await bringIn(inspector, new Uint8Array(bytes));
    expect(imported).toBe(1);
    expect(problems.map(({ line }) => line)).toEqual([1, 2]);
  });

  it('lists a hundred problems, and counts the others', async () => {
    const { failed, problems } = await bringIn(await start(), '{\n'.repeat(5_000));
    expect(failed).toBe(5_000);
    expect(problems.map(({ line }) => line)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });
});
