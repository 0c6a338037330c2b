import { lookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Agent } from 'undici';
import { kyTransport, type VeroOptions } from '../../src/index.ts';
import {
  AT_WORST_TWICE,
  always,
  describeReaction,
  EVENTS,
  type Fault,
  NEVER_ARRIVED,
  ONCE,
  SHORT_MS,
  type Stage,
  scripted,
  TIMES,
} from './fault.ts';
import {
  answer,
  hangUp,
  type KeyPair,
  type MisbehavingServer,
  type Misbehaviour,
  raw,
  reset,
  silence,
  trickleForever,
} from './misbehaving-server.ts';

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

/** What happens below HTTP. */
export const CONNECTION_FAULTS: readonly Fault[] = [
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
];
