import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { post, raw, SIGN_UP, start } from './client.ts';
import { asJson, ask, entries, lastEntry } from './page-client.ts';

/** Everything that the page asks for. */
async function allAnswers(inspector: Awaited<ReturnType<typeof start>>): Promise<readonly Response[]> {
  const { seq } = await lastEntry(inspector);
  const paths = ['state', 'people', 'people?text=x', 'person?id=1', 'chart', 'export', `entries/${seq}`];
  return await Promise.all([
    ...paths.map((path) => fetch(`${inspector.url}/_/api/${path}`)),
    fetch(`${inspector.url}/_/api/preview`, asJson({ template: '{{user.id}} {{event.x}}', seq })),
    fetch(`${inspector.url}/_/api/trigger`, asJson({ did: 'a', didNot: 'b', withinDays: 1 })),
  ]);
}

describe('what is hostile', () => {
  it.each<[string, object]>([
    [
      'markup',
      { event_name: '<img src=x onerror=alert(1)>', identity: { id: '1', name: '</script><script>' } },
    ],
    ['braces', { event_name: '{{ user.age }}', identity: { id: '1', x: '{% for %}' }, data: { x: '{{' } }],
    [
      'control characters',
      { event_name: 'a\u0000\r\nb\u001b[2J', identity: { id: '1\n' }, data: { 'x\r\n': '\u2028' } },
    ],
    ['lone surrogates', { event_name: '\ud800', identity: { id: '1', x: '\udfff' } }],
    ['other directions', { event_name: '\u202edesrever', identity: { id: '1' } }],
    [
      'names of methods',
      JSON.parse(
        '{"event_name":"constructor","identity":{"id":"__proto__","toString":1},"data":{"__proto__":[]}}',
      ),
    ],
    ['100,000 keys', { data: Object.fromEntries(Array.from({ length: 100_000 }, (_, key) => [key, 0])) }],
    [
      '100,000 attributes',
      {
        identity: Object.fromEntries([
          ['id', '1'],
          ...Array.from({ length: 50_000 }, (_, key) => [`k${key}`, 0]),
        ]),
      },
    ],
    ['deep nesting', { data: { x: JSON.parse(`${'['.repeat(400)}${']'.repeat(400)}`) } }],
    [
      'deep and wide nesting',
      { data: { x: JSON.parse(`${'['.repeat(400)}${'1,'.repeat(200_000)}1${']'.repeat(400)}`) } },
    ],
    ['one long text', { data: { x: 'x'.repeat(1_000_000) } }],
  ])('is taken, kept and shown: %s', async (_what, change) => {
    const inspector = await start();
    expect((await post(inspector, { ...SIGN_UP, ...change })).status).toBe(200);
    expect(inspector.events()).toHaveLength(1);
    for (const response of await allAnswers(inspector)) {
      expect([200, 404]).toContain(response.status);
      // No browser makes a document of it.
      expect(response.headers.get('content-type')).toMatch(/^application\/(json|x-ndjson)/);
      expect((await response.text()).length).toBeLessThan(4_000_000);
    }
    const exported = await (await fetch(`${inspector.url}/_/api/export`)).text();
    expect(exported.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each<[string, string | Uint8Array<ArrayBuffer>, Record<string, string>, number]>([
    ['5 MB', ' '.repeat(5_000_000), {}, 413],
    ['bad UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22]), {}, 400],
    ['UTF-16', new Uint8Array(Buffer.from(JSON.stringify(SIGN_UP), 'utf16le')), {}, 400],
    ['nested without end', '['.repeat(500_000), {}, 400],
    [
      'a form of 100,000 parameters',
      'a=1&'.repeat(100_000),
      { 'content-type': 'application/x-www-form-urlencoded' },
      400,
    ],
    ['compressed', new Uint8Array(100_000), { 'content-encoding': 'gzip' }, 415],
    ['NULs', '\u0000'.repeat(1_000), {}, 400],
  ])('is refused, and shown as such: %s', async (_what, body, headers, status) => {
    const inspector = await start();
    const all = { 'content-type': 'application/json', ...headers };
    expect((await post(inspector, '', { body, headers: all })).status).toBe(status);
    const entry = await lastEntry(inspector);
    expect(entry).toMatchObject({ kind: 'refused', status, name: '', userId: null });
    if (entry.body.startsWith('(')) expect(entry.curl).toContain('@body.json');
    for (const response of await allAnswers(inspector)) expect(response.status).toBeLessThan(500);
  });

  it('is a path, a method or a header', async () => {
    const inspector = await start();
    const requests = [
      `POST /api/v2/events/track/${'x'.repeat(10_000)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      "POST /api/v2/'$(touch%20x)'<script> HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      'PURGE /api/v2/events/track HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      `POST /api/v2/events/track?${'auth_token=tok_secret_many&'.repeat(400)} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
    ];
    for (const request of requests) expect(await raw(inspector, request)).toMatch(/^HTTP\/1\.1 4\d\d /);
    for (const { path } of await entries(inspector)) expect(path.length).toBeLessThanOrEqual(500);
    expect((await lastEntry(inspector)).curl).not.toContain('tok_secret_many');
  });

  it('makes one profile of no more than so much', async () => {
    const inspector = await start();
    for (let count = 0; count < 12; count += 1) {
      await post(inspector, {
        ...SIGN_UP,
        identity: { id: '1', email: 'a@b.c', [`text${count}`]: 'x'.repeat(500_000) },
      });
    }
    const [user] = inspector.users();
    expect(JSON.stringify(user?.attributes).length).toBeLessThan(2_200_000);
    expect(user?.attributes).toMatchObject({ id: '1', email: 'a@b.c', text11: expect.any(String) });
    expect(user?.attributes).not.toHaveProperty('text0');
  });

  it('is a request that is sent a byte at a time: it is ended, and others are answered', async () => {
    const inspector = await start();
    const socket = connect(Number(new URL(inspector.url).port), '127.0.0.1');
    let answer = '';
    const ended = new Promise<string>((resolve) => {
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      socket.on('close', () => resolve(answer));
      socket.on('error', () => {});
    });
    socket.write('POST /api/v2/events/track HTTP/1.1\r\nHost: localhost\r\n');
    const dripping = setInterval(() => socket.write('X-Slow: 1\r\n'), 100);
    try {
      expect((await post(inspector)).status).toBe(200);
      expect(await ended).toMatch(/^(HTTP\/1\.1 408 |$)/);
    } finally {
      clearInterval(dripping);
    }
    expect(inspector.events()).toHaveLength(1);
  });

  it('is nobody that stops in the middle of a body: nothing comes of it', async () => {
    const inspector = await start();
    const socket = connect(Number(new URL(inspector.url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      'POST /_/api/import HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nContent-Length: 99\r\n\r\n{"a":',
    );
    socket.end();
    socket.destroy();
    expect((await post(inspector)).status).toBe(200);
    expect(await ask(inspector, 'state')).toMatchObject({ total: 1 });
  });
});
