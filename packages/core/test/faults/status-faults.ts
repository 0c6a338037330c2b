import type { VeroOptions } from '../../src/index.ts';
import { always, EVENTS, type Fault, ONCE, scripted, statuses, TIMES } from './fault.ts';
import { answer, type Misbehaviour, type Received } from './misbehaving-server.ts';

const askedToWait = (status: number, header: string, times?: number): Misbehaviour =>
  always(answer(status, { headers: [`retry-after: ${header}`] }), times);

/** Asks for silence until a time, which is rounded down to a second. */
const askedToWaitUntil = (inMs: number): Misbehaviour => ({
  times: 1,
  onRequest: () => answer(429, { headers: [`retry-after: ${new Date(Date.now() + inMs).toUTCString()}`] }),
});

const patient: VeroOptions = { delivery: { retry: { maxMs: 60_000 } } };
const impatient: VeroOptions = { delivery: { retry: { maxMs: 50 } } };
const notVero = (received: Received) =>
  received.path === '/api/v2/events/track' ? undefined : answer(404, { body: 'no such page' });

/** The cap, and as much again for jitter. */
const capped = { atLeast: 50, atMost: 100 };

/** What a status asks for. */
export const STATUS_FAULTS: readonly Fault[] = [
  scripted({
    fault: '400',
    reaction: 'rejects',
    says: /^Vero answered 400/,
    cases: statuses(400),
  }),
  scripted({
    fault: '401, while `authToken` is a string',
    reaction: { pauses: 'unauthorized' },
    says: /^Vero answered 401/,
    cases: statuses(401),
  }),
  {
    fault: '401, while `authToken` is a function: the token was rotated',
    does: 'Pauses delivery (`unauthorized`), which costs no attempts, asks the function again, and goes on.',
    event: ONCE,
    expected: {
      accepted: 12,
      delivered: 12,
      retries: { atLeast: 1, atMost: 4 },
      requests: { atLeast: 13, atMost: 16 },
      paused: ['unauthorized'],
      says: /^Vero answered 401/,
      maybeTwice: false,
    },
    cases: {
      'a new token at the next time': async (stage) => {
        const server = await stage.server({
          times: Number.POSITIVE_INFINITY,
          onRequest: ({ text }) => (text.includes('tok_secret_new') ? undefined : answer(401)),
        });
        const tokens = ['tok_secret_old', 'tok_secret_new'];
        const { vero } = stage.client({
          baseUrl: server.url,
          authToken: async () => tokens.shift() ?? '',
          delivery: { concurrency: 4 },
        });
        stage.track(12);
        await vero.flush();
      },
    },
  },
  {
    fault: 'The `authToken` function fails, or gives a token that is refused, too',
    does: 'Pauses delivery (`unauthorized`), which costs no attempts, and asks it again now and then.',
    event: ONCE,
    expected: {
      accepted: EVENTS,
      delivered: EVENTS,
      retries: 4,
      requests: EVENTS + 2,
      paused: ['unauthorized'],
      says: /^The authToken function failed: the vault is sealed$/,
      maybeTwice: false,
    },
    cases: {
      'two failures, two wrong tokens': async (stage) => {
        const server = await stage.server({
          times: Number.POSITIVE_INFINITY,
          onRequest: ({ text }) => (text.includes('tok_secret_right') ? undefined : answer(401)),
        });
        stage.late(server);
        const sealed = (): never => {
          throw new Error('the vault is sealed');
        };
        const answers = [
          sealed,
          sealed,
          () => 'tok_secret_wrong',
          () => 'tok_secret_as_wrong',
          () => 'tok_secret_right',
        ];
        const { vero } = stage.client({
          baseUrl: server.url,
          authToken: () => answers.shift()?.() ?? '',
        });
        stage.track(EVENTS);
        await vero.flush();
      },
    },
  },
  {
    fault: '403 to one body among good ones: a firewall dislikes it',
    does: 'Sets it aside, and the others go on. Refused again after another one passed, it is given up: `rejected`.',
    event: 'a dead letter; the others are delivered once',
    expected: {
      accepted: 12,
      delivered: 11,
      rejected: 1,
      retries: { atLeast: 1 },
      requests: { atLeast: 13 },
      paused: [],
      says: /^Vero answered 403/,
      maybeTwice: false,
    },
    cases: {
      'one poisonous body': async (stage) => {
        const server = await stage.server({
          times: Number.POSITIVE_INFINITY,
          onRequest: ({ text }) => (text.includes('<script>') ? answer(403) : undefined),
        });
        const { vero } = stage.client({ baseUrl: server.url });
        stage.track(3);
        stage.track(1, { comment: '<script>alert(1)</script>' });
        stage.track(8);
        await vero.flush();
      },
    },
  },
  {
    fault: '403 to every body',
    does: 'Pauses delivery (`forbidden`) after three different events, which costs no attempts, and probes with different ones.',
    event: ONCE,
    expected: {
      accepted: 6,
      delivered: 6,
      retries: { atLeast: 5 },
      requests: { atLeast: 11 },
      paused: ['forbidden'],
      says: /^Vero answered 403/,
      maybeTwice: false,
    },
    cases: {
      'an address that is blocked': async (stage) => {
        const server = await stage.server({
          times: Number.POSITIVE_INFINITY,
          onRequest: () => answer(403),
        });
        stage.late(server);
        const { vero, told, until } = stage.client({ baseUrl: server.url });
        stage.track(6);
        await until('paused');
        await until('retrying', Math.max(5, told.retrying.length + 2));
        server.mend();
        await vero.flush();
      },
    },
  },
  scripted({
    fault: '404',
    reaction: { pauses: 'misconfigured' },
    says: /^Vero answered 404/,
    cases: statuses(404),
  }),
  {
    fault: 'The base URL is wrong, and stays wrong',
    does: 'Pauses delivery (`misconfigured`), which costs no attempts, and probes. `health()` says so.',
    event: 'kept; dropped as `closed` when the client is closed, unless the queue is durable',
    expected: {
      accepted: EVENTS,
      delivered: 0,
      dropped: EVENTS,
      retries: { atLeast: TIMES },
      requests: { atLeast: TIMES },
      paused: ['misconfigured'],
      says: /^Vero answered 404: no such page$/,
      maybeTwice: false,
    },
    cases: {
      'a path that does not exist': async (stage) => {
        const server = await stage.server({ times: Number.POSITIVE_INFINITY, onRequest: notVero });
        const { vero, until } = stage.client({ baseUrl: `${server.url}/wrong` });
        stage.track(EVENTS);
        await until('retrying', TIMES);
        await vero.close({ timeout: 0 });
      },
    },
  },
  scripted({
    fault: '408',
    reaction: 'retries',
    maybeTwice: true,
    says: /^Vero answered 408/,
    cases: statuses(408),
  }),
  scripted({
    fault: '413, 422',
    reaction: 'rejects',
    says: /^Vero answered (413|422)/,
    cases: statuses(413, 422),
  }),
  scripted({ fault: '425', reaction: 'retries', says: /^Vero answered 425/, cases: statuses(425) }),
  scripted({
    fault: 'Any other 4xx',
    reaction: 'rejects',
    says: /^Vero answered 4\d\d/,
    cases: statuses(
      402,
      405,
      406,
      407,
      409,
      410,
      411,
      414,
      415,
      416,
      417,
      418,
      421,
      423,
      424,
      426,
      428,
      431,
      451,
      499,
    ),
  }),
  scripted({
    fault: '429 or 503 with `Retry-After` in seconds',
    reaction: { pauses: 'retry-after' },
    note: 'Sends nothing for as long as was asked for.',
    says: /^Vero answered (429|503)/,
    client: patient,
    pauseMs: { atLeast: 1_000, atMost: 1_001 },
    retryAfterMs: 1_000,
    cases: { '429': askedToWait(429, '1', 1), '503': askedToWait(503, '1', 1) },
  }),
  scripted({
    fault: '429 with `Retry-After` as a date',
    reaction: { pauses: 'retry-after' },
    note: 'Sends nothing before it.',
    says: /^Vero answered 429/,
    client: patient,
    pauseMs: { atLeast: 0, atMost: 2_001 },
    cases: { 'a date to come': askedToWaitUntil(2_000), 'a date that is over': askedToWaitUntil(-60_000) },
  }),
  scripted({
    fault: '429 with an absurd `Retry-After`',
    reaction: { pauses: 'retry-after' },
    note: 'Waits for no longer than `delivery.retry.maxMs`.',
    says: /^Vero answered 429/,
    client: impatient,
    pauseMs: capped,
    cases: {
      'three thousand years': askedToWait(429, '99999999999'),
      'more than a number holds': askedToWait(429, '9'.repeat(400)),
      'the year 9999': askedToWait(429, 'Fri, 31 Dec 9999 23:59:59 GMT'),
    },
  }),
  scripted({
    fault: '429 with a `Retry-After` that is negative, nonsense or missing',
    reaction: { pauses: 'retry-after' },
    note: 'Its length is that of backoff.',
    says: /^Vero answered 429/,
    client: { delivery: { retry: { baseMs: 4 } } },
    pauseMs: { atLeast: 1, atMost: 4 },
    retryAfterMs: Number.NaN,
    cases: {
      negative: askedToWait(429, '-5'),
      nonsense: askedToWait(429, 'soon'),
      'two numbers': askedToWait(429, '1, 2'),
      missing: always(answer(429)),
    },
  }),
  scripted({
    fault: '500, 501, 503 and other 5xx',
    reaction: 'retries',
    says: /^Vero answered 5\d\d/,
    cases: statuses(500, 501, 503, 505, 507, 520, 599),
  }),
  scripted({
    fault: '502, 504: a gateway got no answer',
    reaction: 'retries',
    maybeTwice: true,
    says: /^Vero answered 50[24]/,
    cases: statuses(502, 504),
  }),
];
