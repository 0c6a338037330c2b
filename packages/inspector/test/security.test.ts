import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type InspectorOptions, startInspector } from '../src/index.ts';
import { post, raw, SIGN_UP, start, TOKEN } from './client.ts';

describe('the credential', () => {
  it('shows in nothing that the inspector gives away', async () => {
    const inspector = await start({ authToken: TOKEN, dedupe: { windowMs: 60_000 } });
    const elsewhere = { identity: { id: '1', [`key ${TOKEN}`]: [`Bearer ${TOKEN}`] } };
    await post(inspector, { ...SIGN_UP, ...elsewhere });
    await post(inspector, { ...SIGN_UP, ...elsewhere });
    await post(inspector, { ...SIGN_UP, event_name: `refused ${TOKEN}`, data: TOKEN });
    await fetch(`${inspector.url}/nowhere?auth_token=${TOKEN}`);
    inspector.failNext('drop');
    await post(inspector).catch(() => undefined);
    const failure = await inspector.waitForEvent('never', { timeoutMs: 0 }).catch((error: unknown) => error);

    expect([inspector.events().length, inspector.duplicates().length, inspector.requests().length]).toEqual([
      1, 1, 5,
    ]);
    expect(inspector.events()[0]?.identity).toEqual({ id: '1', 'key …0042': ['Bearer …0042'] });
    const everything = [inspector, inspector.events(), inspector.duplicates(), inspector.requests(), failure];
    const shown =
      inspect(everything, { depth: 20, showHidden: true }) + JSON.stringify(everything) + String(failure);
    expect(shown.includes(TOKEN)).toBe(false);
  });

  it('is never shown by half, however short', async () => {
    const inspector = await start();
    for (const auth_token of ['k', 'key', 'tok_se']) await post(inspector, { ...SIGN_UP, auth_token });
    expect(inspector.events().map(({ credential }) => credential)).toEqual(['…', '…y', '…_se']);
  });

  it.each(['auth_token', 'tracking_api_key'])(
    'is taken as %s in the query string, and shows nowhere',
    async (parameter) => {
      const inspector = await start({ authToken: TOKEN });
      const { auth_token: _, ...payload } = SIGN_UP;
      const address = `${inspector.url}/api/v2/events/track?a=b&${parameter}=${TOKEN}`;
      const send = (body: string) =>
        fetch(address, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      expect((await send(JSON.stringify({ ...payload, data: { referrer: address } }))).status).toBe(200);
      expect((await send(`{ "cut": "${TOKEN}`)).status).toBe(400);
      const [event] = inspector.events();
      expect(event?.credential).toBe('…0042');
      expect(inspector.requests()[0]).toMatchObject({ path: '/api/v2/events/track', status: 200 });
      const shown = JSON.stringify([inspector.events(), inspector.requests(), inspector.users()]);
      const lines = await (await fetch(`${inspector.url}/_/api/export`)).text();
      expect(lines.trim().split('\n')).toHaveLength(2);
      expect([shown, lines].filter((text) => text.includes(TOKEN))).toEqual([]);
    },
  );
});

describe('who may reach it', () => {
  it.each(['127.0.0.1', 'localhost', 'LOCALHOST:80', '[::1]:4000'])(
    'takes the Host header %s',
    async (host) => {
      const answer = await raw(
        await start(),
        `GET /api/v2/heartbeat HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toContain('HTTP/1.1 200 ');
    },
  );

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80', '192.168.0.1', ''])(
    'answers 403 to the Host header "%s"',
    async (host) => {
      const inspector = await start();
      const answer = await raw(
        inspector,
        `GET http://localhost/api/v2/heartbeat HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toContain('HTTP/1.1 403 ');
      expect(inspector.requests()).toMatchObject([{ status: 403 }]);
    },
  );

  it('answers 403 without a Host header', async () => {
    expect(await raw(await start(), 'GET /api/v2/heartbeat HTTP/1.0\r\n\r\n')).toContain('HTTP/1.1 403 ');
  });

  it('gives web pages of other origins the answers of the Track API, and nothing else', async () => {
    const inspector = await start();
    const origin = 'https://shop.example';
    const allowed = async (path: string, init: RequestInit) => {
      const response = await fetch(inspector.url + path, init);
      const names = [...response.headers.keys()].filter((name) => name.startsWith('access-control'));
      return [response.status, names, response.headers.get('access-control-allow-origin')];
    };
    const preflight = {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    };
    expect(await allowed('/api/v2/events/track?tracking_api_key=x', preflight)).toEqual([
      204,
      [
        'access-control-allow-headers',
        'access-control-allow-methods',
        'access-control-allow-origin',
        'access-control-max-age',
      ],
      '*',
    ]);
    const refused = await post(inspector, {}, { headers: { 'content-type': 'application/json', origin } });
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    for (const path of ['/', '/_/api/state', '/_/api/feed', '/_/api/export', '/assets/x.js']) {
      expect(await allowed(path, preflight)).toEqual([expect.any(Number), [], null]);
      expect(await allowed(path, { headers: { origin } })).toEqual([expect.any(Number), [], null]);
    }
  });

  it.each(['0.0.0.0', '::', '192.168.0.1', 'example.com', ''])('refuses to listen on "%s"', async (host) => {
    await expect(startInspector({ host })).rejects.toThrow(/Other machines may reach .* allowRemote: true/);
  });

  it('listens for other machines, under any name, when told to', async () => {
    const inspector = await start({ host: '0.0.0.0', allowRemote: true });
    expect(inspector.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const answer = await raw(
      inspector,
      'GET /api/v2/heartbeat HTTP/1.1\r\nHost: vero\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toContain('HTTP/1.1 200 ');
  });

  it('still looks at the Host header when it is allowed to be remote and is not', async () => {
    const inspector = await start({ allowRemote: true });
    const answer = await raw(
      inspector,
      'GET /api/v2/heartbeat HTTP/1.1\r\nHost: vero\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toContain('HTTP/1.1 403 ');
  });
});

describe('an option that makes no sense', () => {
  it.each<[string, InspectorOptions]>([
    ['authToken', { authToken: '' }],
    ['maxEvents', { maxEvents: 0 }],
    ['maxBodyBytes', { maxBodyBytes: 1.5 }],
    ['dedupe.windowMs', { dedupe: { windowMs: Number.NaN } }],
    ['port', { port: 70_000 }],
  ])('is refused: %s', async (name, options) => {
    await expect(startInspector(options)).rejects.toThrow(name);
  });

  it('is one that there is not, also of those who wait', async () => {
    await expect(startInspector({ authtoken: 'x' } as never)).rejects.toThrow(
      'no option "authtoken". There are: port',
    );
    const inspector = await start();
    const waiting = inspector.waitForEvent('x', { timeout: 1 } as never);
    await expect(waiting).rejects.toThrow('no option "timeout". There are: timeoutMs');
  });

  it('is a port in use', async () => {
    const { url } = await start();
    await expect(startInspector({ port: Number(new URL(url).port) })).rejects.toThrow('EADDRINUSE');
  });
});
