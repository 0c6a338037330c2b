import { connect } from 'node:net';
import fc from 'fast-check';
import { trickyKey } from '../../../packages/core/test/arbitraries.ts';
import { type Inspector, startInspector } from '../../../packages/inspector/src/index.ts';
import { type Mutation, mutate, mutations } from '../mutations.ts';
import { type FuzzTarget, must } from '../target.ts';

const TOKEN = 'tok_secret_of_the_fuzzing';
/** Only ends what hangs, also on a machine that is busy. */
const ANSWER_LIMIT_MS = 20_000;

/** What there is, and how it is asked. */
const REQUESTS: readonly (readonly [method: string, path: string])[] = [
  ...[
    'events/track',
    'events/track.json',
    'users/track',
    'users/unsubscribe',
    'users/resubscribe',
    'users/delete',
  ].map((name) => ['POST', `/api/v2/${name}`] as const),
  ...['users/edit', 'users/reidentify', 'users/tags/edit'].map((name) => ['PUT', `/api/v2/${name}`] as const),
  ...['state', 'feed', 'people', 'person', 'chart', 'export', 'entries/1'].map(
    (name) => ['GET', `/_/api/${name}`] as const,
  ),
  ...['import', 'preview', 'trigger', 'clear'].map((name) => ['POST', `/_/api/${name}`] as const),
  ['GET', '/api/v2/heartbeat'],
  ['GET', '/'],
];

const STRANGE_PATHS = [
  ...['/_/api/entries/99999999999999999999', '/_/api/faults/1', '/_/', '/favicon.ico', '/api/v2/', '*'],
  ...[
    '/assets/../../package.json',
    '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
    '/assets/..%5c..%5cpackage.json',
  ],
  ...[
    '//example.com/api/v2/events/track',
    'http://example.com/',
    '/api//v2/events/track',
    '/%00',
    '/api/v2/%ff',
  ],
];

const json = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.dictionary(trickyKey, fc.jsonValue()).map((value) => JSON.stringify(value)),
);
const text = fc.oneof(
  fc.constantFrom('1', 'jane@example.com', '<img src=x onerror=alert(1)>', '{{user.id}}', TOKEN, '__proto__'),
  fc.string({ unit: 'binary' }),
);
const call = fc
  .record(
    {
      auth_token: fc.oneof({ weight: 5, arbitrary: fc.constant(TOKEN) }, text),
      event_name: text,
      identity: fc.record(
        { id: text, email: text, __proto__: fc.constant(null), x: fc.jsonValue() },
        { requiredKeys: [] },
      ),
      data: fc.dictionary(trickyKey, fc.jsonValue()),
      extras: fc.record({ created_at: text, source: text }, { requiredKeys: [] }),
      development_mode: fc.boolean(),
      id: text,
      new_id: text,
      email: text,
      changes: fc.dictionary(trickyKey, fc.jsonValue()),
      add: fc.array(text),
      remove: fc.array(text),
      template: fc.oneof(
        text,
        fc.constantFrom('{{user.id}}', '{% for a in (1..99999999) %}{% endfor %}', '{{'),
      ),
      seq: fc.oneof(fc.nat(), fc.double()),
      did: text,
      didNot: text,
      withinDays: fc.double(),
      kind: text,
    },
    { requiredKeys: ['auth_token'] },
  )
  .map((value) => JSON.stringify(value));
const form = fc
  .array(
    fc.tuple(
      fc.constantFrom('auth_token', 'identity[id]', 'data[a][]', 'a[__proto__][x]', 'event_name'),
      text,
    ),
  )
  .map((entries) =>
    entries.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`).join('&'),
  );
const deep = fc
  .nat({ max: 20_000 })
  .map((depth) => `{"auth_token":"${TOKEN}","data":${'['.repeat(depth)}${']'.repeat(depth)}}`);

const header = fc.constantFrom(
  'Content-Type: application/json',
  'Content-Type: application/x-www-form-urlencoded',
  'Content-Type: application/x-ndjson',
  'Content-Type: text/plain; charset=utf-7',
  'Content-Type: multipart/form-data; boundary=',
  'Content-Encoding: gzip',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Expect: 100-continue',
  'Upgrade: websocket',
  'Origin: http://evil.example',
  'Origin: null',
  'Sec-Fetch-Site: cross-site',
  'Last-Event-ID: -1',
  'Last-Event-ID: 99999999999999999999-1',
  'X-Long: '.padEnd(20_000, 'x'),
  'Range: bytes=0-18446744073709551615',
  'Content-Length: 0',
  'Content-Length: 18446744073709551616',
  ': no name',
  'X-Folded: a\r\n b',
);
const host = fc.oneof(
  { weight: 6, arbitrary: fc.constant('localhost') },
  fc.constantFrom('evil.example', 'localhost.evil.example', '127.0.0.1@evil.example', '[::1', '0', ''),
);

interface Sent {
  readonly bytes: Buffer;
  /** Where it is cut in two; what is after it is not sent. */
  readonly cutAt: number | undefined;
}

const request: fc.Arbitrary<Sent> = fc
  .record({
    target: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...REQUESTS) },
      fc.tuple(
        fc.constantFrom('POST', 'GET', 'HEAD', 'OPTIONS', 'DELETE', 'CONNECT', 'TRACE', 'PRI', 'post', 'X'),
        fc.oneof(fc.constantFrom(...STRANGE_PATHS), fc.webPath(), fc.string()),
      ),
    ),
    query: fc.oneof(
      { weight: 4, arbitrary: fc.constant('') },
      fc.constantFrom(
        `?auth_token=${TOKEN}`,
        '?after=-1',
        '?text=%ff',
        '?id=__proto__',
        '?minutes=1e9',
        '?a[]=1',
      ),
      fc.webQueryParameters().map((parameters) => `?${parameters}`),
    ),
    host,
    type: fc.oneof(
      { weight: 6, arbitrary: fc.constant(['Content-Type: application/json']) },
      fc.constant<string[]>([]),
    ),
    headers: fc.oneof(
      { weight: 2, arbitrary: fc.constant<string[]>([]) },
      fc.array(header, { maxLength: 3 }),
    ),
    body: fc.oneof({ weight: 4, arbitrary: call }, json, form, deep, fc.string({ unit: 'binary' })),
    changes: mutations,
    cut: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, fc.nat()),
  })
  .map(({ target: [method, path], query, host: name, type, headers, body, changes, cut }) => {
    const length = headers.some((each) => /^(content-length|transfer-encoding)/i.test(each))
      ? []
      : [`Content-Length: ${Buffer.byteLength(body)}`];
    const lines = [
      `${method} ${path}${query} HTTP/1.1`,
      `Host: ${name}`,
      'Connection: close',
      ...type,
      ...headers,
      ...length,
    ];
    return { bytes: changed(`${lines.join('\r\n')}\r\n\r\n${body}`, changes), cut };
  })
  .map(({ bytes, cut }) => ({ bytes, cutAt: cut === undefined ? undefined : cut % (bytes.length + 1) }));

function changed(text: string, changes: readonly Mutation[]): Buffer {
  return mutate(Buffer.from(text), changes);
}

export const inspector: FuzzTarget = {
  name: 'inspector',
  what: 'requests to every endpoint of the inspector, over bare sockets: malformed, cut, folded, foreign, too large, byte by byte changed',
  async open() {
    const running = await startInspector({ authToken: TOKEN, maxEvents: 20 });
    const property = fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 3 }), async (requests) => {
      for (const sent of requests) {
        const answer = await exchange(running, sent);
        must(!/^HTTP\/1\.1 5/.test(answer), `it answers ${answer.slice(0, 200)}`);
        must(!answer.includes(TOKEN), 'an answer shows the credential');
      }
      await assertWell(running);
    });
    return { property, close: () => running.close() };
  },
};

/** What comes back, until the connection is closed. The feed stays open: it is left. */
async function exchange({ url }: Inspector, { bytes, cutAt }: Sent): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let answer = '';
  let isLate = false;
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
    if (answer.includes('text/event-stream')) socket.destroy();
  });
  const timer = setTimeout(() => {
    isLate = true;
    socket.destroy();
  }, ANSWER_LIMIT_MS);
  // Not `once` of `node:events`: an error, such as a reset, is no finding.
  const closed = new Promise((resolve) => socket.once('close', resolve));
  if (cutAt === undefined) socket.end(bytes);
  else socket.write(bytes.subarray(0, cutAt), () => socket.destroy());
  await closed;
  clearTimeout(timer);
  must(!isLate, 'it neither answers nor closes');
  return answer;
}

/** It takes what Vero takes, and shows it, as if nothing had been. */
async function assertWell({ url }: Inspector): Promise<void> {
  const beat = await fetch(`${url}/api/v2/heartbeat`);
  must(beat.status === 200, `the heartbeat is ${beat.status}`);
  await beat.arrayBuffer();
  const event = { auth_token: TOKEN, event_name: 'well', identity: { id: String(Math.random()) } };
  const taken = await fetch(`${url}/api/v2/events/track`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  });
  must(taken.status === 200, `an event gets ${taken.status}: ${await taken.text()}`);
  const shown = await (await fetch(`${url}/_/api/export`)).text();
  must(shown.includes('"well"'), 'it is not shown');
  must(!shown.includes(TOKEN), 'the export shows the credential');
  must(({} as { x?: unknown }).x === undefined, 'Object.prototype is polluted');
}
