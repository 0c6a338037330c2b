import { lookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Agent } from 'undici';
import { kyTransport, type VeroOptions } from '../../src/index.ts';
import type { TransportRequest } from '../../src/queue.ts';
import type { PauseReason } from '../../src/reporter.ts';
import type { TestClient } from '../clients.ts';
import {
  answer,
  hangUp,
  type KeyPair,
  type MisbehavingServer,
  type Misbehaviour,
  type Received,
  raw,
  reset,
  silence,
  trickle,
  trickleForever,
} from './misbehaving-server.ts';

/** Exactly so many, or a range where time or chance decides. */
export type Count = number | { readonly atLeast: number; readonly atMost?: number };

/** What must be true when a fault is over. */
export interface Expected {
  readonly accepted: number;
  readonly delivered: number;
  readonly rejected?: number;
  readonly dropped?: number;
  readonly retries: Count;
  /** Requests whose bodies came whole, the good ones included. */
  readonly requests: Count;
  /** @default any number */
  readonly connections?: Count;
  /** The pauses that were told, in order. `undefined`: chance decides. */
  readonly paused: readonly PauseReason[] | undefined;
  /** How long the first pause is, as it was told. */
  readonly pauseMs?: { readonly atLeast: number; readonly atMost: number };
  /** What the first failure said. `undefined`: there was none. */
  readonly says: RegExp | undefined;
  /** What that failure says of `Retry-After`. */
  readonly retryAfterMs?: number;
  /** Whether Vero may have had an event whose attempt failed. `undefined`: some, and some not. */
  readonly maybeTwice: boolean | undefined;
}

/** Where a fault is played. */
export interface Stage {
  /** Counts what it receives, and is stopped in the end. */
  server(misbehaviour?: Misbehaviour, options?: { readonly tls?: boolean }): Promise<MisbehavingServer>;
  /** Where nothing may ever come. */
  elsewhere(): Promise<MisbehavingServer>;
  /** The client, whose events have their ids in their data. */
  client(options: VeroOptions): TestClient;
  /** Tracks events with different names. */
  track(count: number, data?: Readonly<Record<string, unknown>>): void;
  /** Before the first good answer of this server Vero's deduplication window passes. */
  late(server: MisbehavingServer): void;
  /** Notes a request that no server saw. */
  received(request: TransportRequest, isTaken: boolean): void;
  /** From now on time passes only as it is told to. */
  fakeTime(): (ms: number) => Promise<void>;
  /** Does this in the end. */
  defer(work: () => unknown): void;
}

export interface Fault {
  /** What goes wrong. */
  readonly fault: string;
  /** What Verotrack does. */
  readonly does: string;
  /** What becomes of the event. */
  readonly event: string;
  readonly expected: Expected;
  /** The ways to cause it. Each ends when the fault is over, and every event has ended. */
  readonly cases: Readonly<Record<string, (stage: Stage) => Promise<void>>>;
}

const TIMES = 2;
const SHORT_MS = 300;
const EVENTS = 3;
const ONCE = 'delivered once';
const AT_WORST_TWICE = 'delivered, at worst twice as the same bytes';

type Reaction = 'delivers' | 'retries' | 'rejects' | { readonly pauses: PauseReason };

function describeReaction(reaction: Reaction): string {
  if (reaction === 'delivers') return 'Trusts the status.';
  if (reaction === 'retries') return 'Tries again with backoff.';
  if (reaction === 'rejects') return 'Gives it up at once: `rejected`, a dead letter. The others go on.';
  return `Pauses delivery (\`${reaction.pauses}\`), which costs no attempts, and probes until it is over.`;
}

interface Scripted {
  readonly fault: string;
  readonly reaction: Reaction;
  readonly says?: RegExp;
  readonly maybeTwice?: boolean;
  /** What Verotrack does, before and after its reaction. */
  readonly first?: string;
  readonly note?: string;
  /** Instead of what follows from the reaction. */
  readonly event?: string;
  /** Attempts that fail only because time is up: on a slow machine a good one may, too. */
  readonly byTimeout?: boolean;
  /** Each costs a connection. Otherwise all is sent over one. */
  readonly closes?: boolean;
  readonly retries?: Count;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly client?: VeroOptions;
  readonly pauseMs?: Expected['pauseMs'];
  readonly retryAfterMs?: number;
  readonly cases: Readonly<Record<string, Script>>;
}

type Script = Misbehaviour | ((stage: Stage) => Promise<Misbehaviour>);

/** A fault of a server that goes wrong for the first requests of three events, one at a time, and then no more. */
function scripted(script: Scripted): Fault {
  const { fault, reaction, first, note, maybeTwice = false, byTimeout, pauseMs, retryAfterMs, says } = script;
  const misbehaviours = Object.values(script.cases).filter((each) => typeof each !== 'function');
  const times = misbehaviours[0]?.times ?? TIMES;
  const isAgain = reaction === 'retries' || typeof reaction === 'object';
  const isWhole = misbehaviours.every(({ onRequest }) => onRequest !== undefined);
  const rejected = reaction === 'rejects' ? times : 0;
  const again = isAgain ? times : 0;
  const count = (exactly: number): Count => (byTimeout ? { atLeast: exactly } : exactly);
  const inTheEnd = maybeTwice ? AT_WORST_TWICE : ONCE;
  return {
    fault,
    does: [first, describeReaction(reaction), note].filter(Boolean).join(' '),
    event: script.event ?? (reaction === 'rejects' ? 'a dead letter' : inTheEnd),
    expected: {
      accepted: EVENTS,
      delivered: EVENTS - rejected,
      rejected,
      retries: script.retries ?? count(again),
      requests: count(EVENTS + (isWhole ? again : 0)),
      connections: script.closes ? { atLeast: times + 1 } : 1,
      paused: typeof reaction === 'object' ? [reaction.pauses] : [],
      ...(pauseMs ? { pauseMs } : {}),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      says: reaction === 'delivers' ? undefined : says,
      maybeTwice,
    },
    cases: Object.fromEntries(
      Object.entries(script.cases).map(([label, misbehaviour]) => [
        label,
        async (stage: Stage) => {
          const server = await stage.server(
            typeof misbehaviour === 'function' ? await misbehaviour(stage) : misbehaviour,
          );
          stage.late(server);
          const short = byTimeout ? { delivery: { timeoutMs: SHORT_MS } } : {};
          const { vero } = stage.client({ baseUrl: server.url, ...short, ...script.client });
          stage.track(EVENTS, script.data);
          await vero.flush();
        },
      ]),
    ),
  };
}

const always = (action: ReturnType<typeof answer>, times?: number): Misbehaviour => ({
  onRequest: () => action,
  ...(times === undefined ? {} : { times }),
});

const statuses = (...all: readonly number[]): Record<string, Misbehaviour> =>
  Object.fromEntries(all.map((status) => [String(status), always(answer(status))]));

const askedToWait = (status: number, header: string, times?: number): Misbehaviour =>
  always(answer(status, { headers: [`retry-after: ${header}`] }), times);

/** Asks for silence until a time, which is rounded down to a second. */
const askedToWaitUntil = (inMs: number): Misbehaviour => ({
  times: 1,
  onRequest: () => answer(429, { headers: [`retry-after: ${new Date(Date.now() + inMs).toUTCString()}`] }),
});

const patient: VeroOptions = { delivery: { retry: { maxMs: 60_000 } } };
const impatient: VeroOptions = { delivery: { retry: { maxMs: 50 } } };
/** The cap, and as much again for jitter. */
const capped = { atLeast: 50, atMost: 100 };

const TEN_MEGABYTES = 'x'.repeat(10 * 1024 * 1024);
/** Larger than what a server reads at once. */
const LARGE = { text: 'x'.repeat(200_000) };

const pem = (file: string): string => readFileSync(join(import.meta.dirname, file), 'utf8');
const pair = (cert: string): KeyPair => ({ key: pem('server.key'), cert: pem(cert) });
const GOOD_CERTIFICATE = 'server.crt';

/** Has this process trust certificates of the tests for as long as the stage lasts. */
function trust(stage: Stage, ...files: readonly string[]): void {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, ...files.map(pem)]);
  stage.defer(() => setDefaultCACertificates(before));
}

/** A certificate that is not to be trusted, until `mend` is called. */
function certificateFault(
  cert: string,
  mend: (server: MisbehavingServer, stage: Stage) => void,
  trusted: readonly string[] = [],
): (stage: Stage) => Promise<void> {
  return async (stage) => {
    trust(stage, ...trusted);
    const server = await stage.server({}, { tls: true });
    stage.late(server);
    server.speakTls(pair(cert));
    const { vero, until } = stage.client({ baseUrl: `https://${server.address}` });
    stage.track(EVENTS);
    await until('retrying', TIMES);
    mend(server, stage);
    await vero.flush();
  };
}

/** A server that doesn't speak TLS, until it does. */
function noTls(misbehaviour: Misbehaviour, options: VeroOptions = {}): (stage: Stage) => Promise<void> {
  return async (stage) => {
    trust(stage, GOOD_CERTIFICATE);
    const server = await stage.server({ ...misbehaviour, times: Number.POSITIVE_INFINITY }, { tls: true });
    stage.late(server);
    const { vero, until } = stage.client({ baseUrl: `https://${server.address}`, ...options });
    stage.track(EVENTS);
    await until('retrying', TIMES);
    server.mend();
    server.speakTls(pair(GOOD_CERTIFICATE));
    server.cutConnections();
    await vero.flush();
  };
}

/** What ends before it has reached Vero, again and again. */
const NEVER_ARRIVED = {
  accepted: EVENTS,
  delivered: EVENTS,
  retries: { atLeast: TIMES },
  requests: EVENTS,
  maybeTwice: false,
} as const;

const SEED = 20_240_229;
const RANDOM_EVENTS = 40;

/** Small and seeded: the same numbers in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function halfFail(): Misbehaviour {
  const random = randomNumbers(SEED);
  const failures = [answer(500), answer(502), answer(503), answer(408), answer(429), reset, hangUp];
  return {
    times: Number.POSITIVE_INFINITY,
    onRequest: () => (random() < 0.5 ? failures[Math.floor(random() * failures.length)] : undefined),
  };
}

/** How many requests it takes until so many were answered well. */
function requestsUntilAllAreWell(): number {
  const { onRequest } = halfFail();
  let requests = 0;
  for (let well = 0; well < RANDOM_EVENTS; requests++) if (!onRequest?.({} as Received)) well++;
  return requests;
}

const HOUR = 60 * 60_000;
const MINUTE = 60_000;

const notVero = (received: Received) =>
  received.path === '/api/v2/events/track' ? undefined : answer(404, { body: 'no such page' });

export const FAULTS: readonly Fault[] = [
  {
    fault: 'The connection is refused',
    does: describeReaction('retries'),
    event: ONCE,
    expected: { ...NEVER_ARRIVED, paused: [], says: /^Vero could not be reached: .*ECONNREFUSED/ },
    cases: {
      'a closed port': async (stage) => {
        const server = await stage.server();
        stage.late(server);
        await server.stop();
        const { vero, until } = stage.client({ baseUrl: server.url });
        stage.track(EVENTS);
        await until('retrying', TIMES);
        await server.restart();
        await vero.flush();
      },
    },
  },
  {
    fault: 'The name of the host is not found (DNS)',
    does: describeReaction('retries'),
    event: ONCE,
    expected: { ...NEVER_ARRIVED, paused: [], says: /^Vero could not be reached: .*(ENOTFOUND|EAI_AGAIN)/ },
    cases: {
      'vero.invalid': async (stage) => {
        const server = await stage.server();
        stage.late(server);
        let isMended = false;
        const look: LookupFunction = (host, options, callback) =>
          lookup(isMended ? new URL(server.url).hostname : host, options, callback);
        const dispatcher = new Agent({ connect: { lookup: look } });
        stage.defer(() => dispatcher.destroy());
        const { vero, until } = stage.client({
          baseUrl: `http://vero.invalid:${server.port}`,
          allowInsecure: true,
          transport: kyTransport({ dispatcher }),
        });
        stage.track(EVENTS);
        await until('retrying', TIMES);
        isMended = true;
        await vero.flush();
      },
    },
  },
  {
    fault: 'The TLS certificate is self-signed, expired or for another name',
    does: describeReaction({ pauses: 'misconfigured' }),
    event: ONCE,
    expected: {
      ...NEVER_ARRIVED,
      paused: ['misconfigured'],
      says: /^Vero could not be reached: .*(DEPTH_ZERO_SELF_SIGNED_CERT|CERT_HAS_EXPIRED|ERR_TLS_CERT_ALTNAME_INVALID)/,
    },
    cases: {
      'self-signed': certificateFault(GOOD_CERTIFICATE, (_server, stage) => trust(stage, GOOD_CERTIFICATE)),
      expired: certificateFault('expired.crt', (server) => server.speakTls(pair(GOOD_CERTIFICATE)), [
        GOOD_CERTIFICATE,
        'expired.crt',
      ]),
      'for another name': certificateFault(
        'other-name.crt',
        (server) => server.speakTls(pair(GOOD_CERTIFICATE)),
        [GOOD_CERTIFICATE, 'other-name.crt'],
      ),
    },
  },
  {
    fault: 'The TLS handshake fails, or never ends',
    does: `Ends the attempt, after \`delivery.timeoutMs\` at the latest. ${describeReaction('retries')}`,
    event: AT_WORST_TWICE,
    expected: {
      ...NEVER_ARRIVED,
      requests: { atLeast: EVENTS },
      paused: [],
      says: /^Vero could not be reached: /,
      // Nobody tells that it failed so early, so it is not taken for granted.
      maybeTwice: true,
    },
    cases: {
      'plain HTTP at the port': noTls({ onFirstBytes: answer(400) }),
      'the connection is reset': noTls({ onFirstBytes: reset }),
      'no answer': noTls({ onFirstBytes: silence }, { delivery: { timeoutMs: SHORT_MS } }),
    },
  },
  scripted({
    fault: 'The connection is reset before the body was read',
    closes: true,
    reaction: 'retries',
    says: /^Vero could not be reached: /,
    maybeTwice: true,
    data: LARGE,
    cases: { 'when it is made': { onConnect: reset }, 'in the middle of the body': { onFirstBytes: reset } },
  }),
  scripted({
    fault: 'The connection is reset, or closed without an answer, after the body was read',
    closes: true,
    reaction: 'retries',
    says: /^Vero could not be reached: /,
    maybeTwice: true,
    cases: { reset: always(reset), closed: always(hangUp) },
  }),
  scripted({
    fault: 'No answer comes',
    closes: true,
    first: 'Ends the attempt after `delivery.timeoutMs`.',
    reaction: 'retries',
    says: /^Vero could not be reached: no answer within 300 ms/,
    maybeTwice: true,
    byTimeout: true,
    cases: {
      'silence before the headers': always(silence),
      'silence in the headers': always(raw('HTTP/1.1 200 OK\r\ncontent-le')),
      'headers that trickle and never end': always(trickleForever('HTTP/1.1 200 OK\r\nx-slow: ')),
    },
  }),
  scripted({
    fault: 'A 200 trickles in, byte by byte',
    reaction: 'delivers',
    cases: { 'one byte at a time': always(trickle(200)) },
  }),
  scripted({
    fault: 'The body of a 200 hangs, trickles without end, or is cut off',
    closes: true,
    reaction: 'delivers',
    note: 'Waits for the body for a second, and closes the connection.',
    cases: {
      hangs: always(answer(200, { body: '{"stat', missingBytes: 20 }), 1),
      'trickles without end': always(
        trickleForever('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n{', 200),
        1,
      ),
      'is cut off': always(answer(200, { body: '{"stat', missingBytes: 20, andThen: hangUp }), 1),
    },
  }),
  scripted({
    fault: 'The body of a 500 hangs or is cut off',
    closes: true,
    reaction: 'retries',
    says: /^Vero answered 500: half an ans$/,
    note: 'Waits for the body for a second, and closes the connection.',
    cases: {
      hangs: always(answer(500, { body: 'half an ans', missingBytes: 20 }), 1),
      'is cut off': always(answer(500, { body: 'half an ans', missingBytes: 20, andThen: hangUp }), 1),
    },
  }),
  scripted({
    fault: 'A 500 comes with 10 MB of body',
    closes: true,
    reaction: 'retries',
    says: /^Vero answered 500: x{300}$/,
    note: 'Reads 8 KiB of it, and closes the connection.',
    cases: { '10 MB': always(answer(500, { body: TEN_MEGABYTES })) },
  }),
  scripted({
    fault: 'A 400 comes with 10 MB of body',
    closes: true,
    reaction: 'rejects',
    says: /^Vero answered 400: x{300}$/,
    note: 'Reads 8 KiB of it, and closes the connection.',
    cases: { '10 MB': always(answer(400, { body: TEN_MEGABYTES })) },
  }),
  scripted({
    fault: 'A 200 is not JSON, or is invalid JSON',
    reaction: 'delivers',
    note: 'Nothing tells a web page with the status 200 (a captive portal, the wrong host) from success.',
    event: 'told as delivered, whoever answered',
    cases: {
      'half of it': always(answer(200, { body: '{"status":200,' })),
      'a web page': always(
        answer(200, { headers: ['content-type: text/html'], body: '<!doctype html><p>Welcome</p>' }),
      ),
      'nothing at all': always(answer(200, { body: '' })),
    },
  }),
  scripted({
    fault: 'The answer is no HTTP, or its headers are too large',
    closes: true,
    reaction: 'retries',
    says: /^Vero could not be reached: /,
    maybeTwice: true,
    cases: {
      'another protocol': always(raw('SSH-2.0-OpenSSH_9.9\r\n')),
      'headers of 40 KB': always(raw(`HTTP/1.1 200 OK\r\nx-large: ${'x'.repeat(40_000)}\r\n\r\n`)),
    },
  }),
  scripted({
    fault: '3xx',
    reaction: { pauses: 'misconfigured' },
    says: /^Vero answered 30\d/,
    note: 'A redirect is never followed: the body holds the credential.',
    cases: Object.fromEntries(
      [300, 301, 302, 303, 304, 307, 308].map((status) => [
        String(status),
        async (stage: Stage) => {
          const { url } = await stage.elsewhere();
          return always(answer(status, { headers: [`location: ${url}/api/v2/events/track`] }));
        },
      ]),
    ),
  }),
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
  {
    fault: 'The server closes kept-alive connections under us',
    does: `${describeReaction('retries')} A new connection is made.`,
    event: AT_WORST_TWICE,
    expected: {
      accepted: 6,
      delivered: 6,
      retries: { atLeast: 0 },
      requests: { atLeast: 6 },
      paused: [],
      says: undefined,
      maybeTwice: undefined,
    },
    cases: {
      'when it is used again': async (stage) => {
        const server = await stage.server({
          times: Number.POSITIVE_INFINITY,
          onRequest: ({ nthOfConnection }) => (nthOfConnection > 0 ? reset : undefined),
        });
        const { vero } = stage.client({ baseUrl: server.url });
        stage.track(6);
        await vero.flush();
      },
      'when it has answered': async (stage) => {
        const server = await stage.server(always(answer(200, { andThen: hangUp }), Number.POSITIVE_INFINITY));
        const { vero } = stage.client({ baseUrl: server.url });
        stage.track(6);
        await vero.flush();
      },
    },
  },
  {
    fault: 'The server is restarted while events come',
    does: 'Tries again with backoff. After five different events failed in a row pauses delivery (`unreachable`), and probes until it is back.',
    event: AT_WORST_TWICE,
    expected: {
      accepted: 40,
      delivered: 40,
      retries: { atLeast: 5 },
      requests: { atLeast: 40, atMost: 44 },
      paused: ['unreachable'],
      says: /^Vero could not be reached: /,
      maybeTwice: undefined,
    },
    cases: {
      'while four requests are under way': async (stage) => {
        let requests = 0;
        let stopped: Promise<void> | undefined;
        const server = await stage.server({
          times: 1,
          onRequest: () => {
            // This request is not answered, and the others under way are not, either.
            const stop = (): void => {
              stopped = server.stop();
            };
            return ++requests === 10 ? stop : undefined;
          },
        });
        const { vero, until } = stage.client({ baseUrl: server.url, delivery: { concurrency: 4 } });
        stage.track(40);
        await until('paused');
        await stopped;
        await server.restart();
        await vero.flush();
      },
    },
  },
  {
    fault: `Half of all requests fail at random (seed ${SEED})`,
    does: `${describeReaction('retries')} May pause, and goes on.`,
    event: AT_WORST_TWICE,
    expected: {
      accepted: RANDOM_EVENTS,
      delivered: RANDOM_EVENTS,
      retries: requestsUntilAllAreWell() - RANDOM_EVENTS,
      requests: requestsUntilAllAreWell(),
      paused: undefined,
      says: /^Vero /,
      maybeTwice: undefined,
    },
    cases: {
      'in seven ways': async (stage) => {
        const server = await stage.server(halfFail());
        const { vero } = stage.client({ baseUrl: server.url, delivery: { concurrency: 8 } });
        stage.track(RANDOM_EVENTS);
        await vero.flush();
      },
    },
  },
  {
    fault: 'Vero is out for six hours',
    does: 'Pauses delivery (`unreachable`) after five different events failed in a row, and probes with one event at most every `delivery.retry.maxMs`. Accepts events meanwhile.',
    event: `${ONCE}, with the time when it happened`,
    expected: {
      accepted: 37,
      delivered: 37,
      retries: { atLeast: 72, atMost: 400 },
      requests: { atLeast: 72 + 37, atMost: 400 + 37 },
      paused: ['unreachable'],
      says: /ECONNREFUSED/,
      maybeTwice: false,
    },
    cases: {
      'with a fake clock': async (stage) => {
        const pass = stage.fakeTime();
        const isOverAt = Date.now() + 6 * HOUR;
        const send = async (request: TransportRequest) => {
          const isOver = Date.now() >= isOverAt;
          stage.received(request, isOver);
          if (isOver) return { status: 200 };
          throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
        };
        const { vero } = stage.client({
          transport: { send },
          delivery: { concurrency: 16, retry: { baseMs: 500, maxMs: 5 * MINUTE } },
        });
        for (let tenMinutes = 0; tenMinutes < 37; tenMinutes++) {
          stage.track(1);
          await pass(10 * MINUTE);
        }
        await vero.close({ timeout: 0 });
      },
    },
  },
];

const HEADER = '| fault | what Verotrack does | the event |\n|---|---|---|\n';

/** The table of docs/reliability.md. */
export function table(): string {
  return HEADER + FAULTS.map(({ fault, does, event }) => `| ${fault} | ${does} | ${event} |\n`).join('');
}

const DOCS = join(import.meta.dirname, '../../../../docs/reliability.md');
const BETWEEN = /(?<=^<!-- faults -->\n)[\s\S]*?(?=^<!-- \/faults -->$)/m;

/** The page, what its table is, and what the page would be with the right one. */
export function page(): {
  readonly file: string;
  readonly found: string | undefined;
  readonly mended: string;
} {
  const text = readFileSync(DOCS, 'utf8');
  return { file: DOCS, found: BETWEEN.exec(text)?.[0], mended: text.replace(BETWEEN, () => table()) };
}
