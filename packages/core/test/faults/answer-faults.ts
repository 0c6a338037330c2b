import { always, type Fault, type Stage, scripted } from './fault.ts';
import { answer, hangUp, raw, trickle, trickleForever } from './misbehaving-server.ts';

const TEN_MEGABYTES = 'x'.repeat(10 * 1024 * 1024);

/** What a server answers, whole or not. */
export const ANSWER_FAULTS: readonly Fault[] = [
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
];
