import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sendJson } from '../src/http.ts';
import { PageFiles } from '../src/page-files.ts';
import type { Refusal } from '../src/refusal.ts';
import { post, raw, start } from './client.ts';
import { asJson, ask } from './page-client.ts';

const SECRET = 'a file that is no page';
const FILES = {
  'index.html': '<!doctype html><title>page</title>',
  'assets/index-1.js': 'let page;',
  'assets/index-1.css': 'body{}',
  'assets/deep/icon.svg': '<svg/>',
  'icon.svg': '<svg/>',
};

/** A folder with a page in it, and a secret beside it. */
function build(): string {
  const root = mkdtempSync(join(tmpdir(), 'verotrack-page-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, 'page');
  mkdirSync(join(folder, 'assets/deep'), { recursive: true });
  writeFileSync(join(root, 'secret.txt'), SECRET);
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  symlinkSync(join(root, 'secret.txt'), join(folder, 'assets/link.js'));
  symlinkSync(root, join(folder, 'assets/up'));
  return folder;
}

async function serve(folder: string): Promise<string> {
  const files = new PageFiles(folder);
  const server: Server = createServer((req, res) => {
    files
      .send(res, req.url ?? '', req.method === 'HEAD')
      .catch(({ status, message }: Refusal) => sendJson(res, status, { message }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the files of the page', () => {
  it('are sent with their types', async () => {
    const url = await serve(build());
    const get = async (path: string) => {
      const response = await fetch(url + path);
      return [response.status, response.headers.get('content-type'), await response.text()];
    };
    expect(await get('/')).toEqual([200, 'text/html; charset=utf-8', FILES['index.html']]);
    expect(await get('/assets/index-1.js')).toEqual([200, 'text/javascript; charset=utf-8', 'let page;']);
    expect(await get('/assets/index-1.css')).toEqual([200, 'text/css; charset=utf-8', 'body{}']);
    expect(await get('/assets/deep/icon.svg')).toEqual([200, 'image/svg+xml', '<svg/>']);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['34', '']);
  });

  it('are found when they are built later, and again', async () => {
    const folder = build();
    rmSync(join(folder, 'index.html'));
    const url = await serve(folder);
    expect(await (await fetch(url)).text()).toContain('build:page');
    writeFileSync(join(folder, 'index.html'), 'new');
    expect(await (await fetch(url)).text()).toBe('new');
    rmSync(join(folder, 'assets/index-1.js'));
    writeFileSync(join(folder, 'assets/index-2.js'), 'newer');
    expect(await (await fetch(`${url}/assets/index-2.js`)).text()).toBe('newer');
    expect((await fetch(`${url}/assets/index-1.js`)).status).toBe(404);
    // As in the middle of a build.
    rmSync(folder, { recursive: true });
    expect(await (await fetch(url)).text()).toContain('build:page');
  });

  it.each([
    '/assets/../../secret.txt',
    '/../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/assets/..\\..\\secret.txt',
    '/assets/link.js',
    '/assets/up/secret.txt',
    '/assets/index-1.js%00.css',
    '/assets/',
    '//etc/passwd',
    '/assets//etc/passwd',
  ])('are all that is sent: not %s', async (path) => {
    const url = await serve(build());
    const answer = await raw(
      { url } as never,
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toContain('HTTP/1.1 404 ');
    expect(answer).not.toContain(SECRET);
  });
});

describe('the page', () => {
  it('may load its own files only, and may be in no frame', async () => {
    const inspector = await start();
    for (const path of ['/', '/assets/none.js', '/_/api/state', '/_/api/export', '/_/api/none']) {
      const { headers } = await fetch(inspector.url + path);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('cache-control')).toBe('no-store');
    }
    expect((await fetch(`${inspector.url}/api/v2/heartbeat`)).headers.get('x-content-type-options')).toBe(
      'nosniff',
    );
  });

  it('is no path of the inspector that leads elsewhere', async () => {
    const inspector = await start();
    for (const path of [
      '/assets/../../package.json',
      '/assets/..%2f..%2fpackage.json',
      '/package.json',
      '/src/index.ts',
    ]) {
      const answer = await raw(
        inspector,
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toContain('HTTP/1.1 404 ');
      expect(answer).not.toContain('verotrack-inspector');
    }
  });
});

describe('what the page asks, asked by others', () => {
  const CHANGES = [
    'POST clear',
    'POST faults',
    'POST import',
    'POST trigger',
    'POST preview',
    'DELETE faults/1',
  ];
  const READS = ['GET state', 'GET feed', 'GET people', 'GET export', 'GET entries/1', 'GET chart'];
  const OTHERS = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:3000' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ];

  it.each([...CHANGES, ...READS])('is refused: %s', async (request) => {
    const inspector = await start();
    await post(inspector);
    const [method = '', path] = request.split(' ');
    for (const headers of OTHERS) {
      const { headers: json, body } = asJson({}, method);
      const init =
        method === 'GET' ? { headers } : { method, body: body ?? null, headers: { ...json, ...headers } };
      const response = await rawFetch(`${inspector.url}/_/api/${path}`, init);
      expect(response).toContain(' 403 ');
      expect(response.toLowerCase()).not.toContain('access-control');
    }
    expect(inspector.events()).toHaveLength(1);
    expect(await ask(inspector, 'state')).toMatchObject({ total: 1, faults: [] });
  });

  it.each(CHANGES)(
    'is refused as a form or plain text, for which no browser asks first: %s',
    async (request) => {
      const inspector = await start();
      await post(inspector);
      const [method = '', path] = request.split(' ');
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        '',
      ]) {
        const response = await fetch(`${inspector.url}/_/api/${path}`, {
          method,
          headers: { 'content-type': type },
          body: '{}',
        });
        expect(response.status).toBe(415);
      }
      expect(inspector.events()).toHaveLength(1);
    },
  );

  it.each(['evil.example', 'localhost.evil.example', '192.168.0.1', 'vero:4004'])(
    'is refused under the name %s, to which a page may have pointed it',
    async (host) => {
      const inspector = await start();
      await post(inspector);
      for (const path of ['/', '/assets/x.js', ...READS.map((read) => `/_/api/${read.split(' ')[1]}`)]) {
        const answer = await raw(
          inspector,
          `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
        );
        expect(answer).toContain('HTTP/1.1 403 ');
        expect(answer).toContain('--allow-host');
        expect(answer).not.toContain('user_signed_up');
      }
    },
  );

  it('is answered under names that were allowed', async () => {
    const inspector = await start({ allowHosts: ['Vero'] });
    for (const [host, status] of [
      ['vero:4004', 200],
      ['VERO', 200],
      ['localhost', 200],
      ['vero.evil', 403],
    ]) {
      for (const path of ['/_/api/state', '/api/v2/heartbeat']) {
        const answer = await raw(
          inspector,
          `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
        );
        expect(answer).toContain(`HTTP/1.1 ${status} `);
      }
    }
  });

  it('is answered to other machines under an address, and under no name that was not allowed', async () => {
    const open = await start({ host: '0.0.0.0', allowRemote: true });
    const named = await start({ host: '0.0.0.0', allowRemote: true, allowHosts: ['vero'] });
    const ask = async (inspector: typeof open, host: string, path: string) => {
      const answer = await raw(
        inspector,
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      return Number(answer.split(' ')[1]);
    };
    expect(await ask(open, '192.168.0.1:80', '/_/api/state')).toBe(200);
    expect(await ask(open, '[fe80::1]', '/_/api/state')).toBe(200);
    expect(await ask(open, 'vero', '/_/api/state')).toBe(403);
    expect(await ask(open, 'vero', '/api/v2/heartbeat')).toBe(200);
    expect(await ask(named, 'vero', '/_/api/state')).toBe(200);
    expect(await ask(named, 'other', '/api/v2/heartbeat')).toBe(403);
  });

  it.each([['http://x'], ['a b'], [''], [7]])('names no host as %j', async (name) => {
    await expect(start({ allowHosts: [name as string] })).rejects.toThrow('allowHosts');
  });
});

/** `fetch` does not send these headers. */
async function rawFetch(
  url: string,
  { method = 'GET', headers, body }: { method?: string; headers: object; body?: unknown },
): Promise<string> {
  const { pathname, search, host } = new URL(url);
  const text = typeof body === 'string' ? body : '';
  const all = { host, connection: 'close', 'content-length': text.length, ...headers };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return await raw(
    { url } as never,
    `${method} ${pathname}${search} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${text}`,
  );
}
