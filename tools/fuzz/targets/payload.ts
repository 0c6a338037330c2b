import { inspect } from 'node:util';
import fc from 'fast-check';
import {
  buildTrackPayload,
  createVero,
  InvalidEventError,
  type TrackPayload,
} from '../../../packages/core/src/index.ts';
import { type Make, makeOf, objectOf } from '../../../packages/core/test/arbitraries.ts';
import { toEvent } from '../../../packages/inspector/src/event.ts';
import { parseBody } from '../../../packages/inspector/src/payload.ts';
import { CANARY, hostileValue } from '../hostile-values.ts';
import { type FuzzTarget, must } from '../target.ts';

const TOKEN = 'tok_secret_of_the_fuzzing';
const MAX_BYTES = 262_144;
const PATH = /^(event|options|name|identity|data|createdAt|source|conversionId|eventId|unique|[^.[]+$)/;

const mostly = (valid: unknown): fc.Arbitrary<Make> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(makeOf(valid)) }, { weight: 1, arbitrary: hostileValue });

/** The identity with hostile attributes, so that more than refusals are tried. */
const identities = fc.oneof(
  mostly({ id: '1', email: 'jane@example.com' }),
  hostileValue.map(
    (make): Make =>
      () => ({ id: '1', plan: make() }),
  ),
);
const events = objectOf(
  {
    name: mostly('n'),
    identity: identities,
    data: fc.oneof(
      hostileValue,
      hostileValue.map(
        (make): Make =>
          () => ({ x: make() }),
      ),
    ),
    createdAt: mostly(0),
    source: mostly('shop'),
    conversionId: mostly(undefined),
  },
  ['name', 'identity', 'data'],
);

export const payload: FuzzTarget = {
  name: 'payload',
  what: 'events of whatever JavaScript can make, given to `buildTrackPayload` and to `track`',
  async open() {
    const logged: string[] = [];
    const vero = createVero({
      authToken: TOKEN,
      transport: { send: async () => ({ status: 200 }) },
      logger: (message) => void logged.push(message),
    });
    const counted = (): number => {
      const { accepted, invalid, skipped } = vero.stats();
      return accepted + invalid + Object.values(skipped).reduce((sum, count) => sum + count, 0);
    };
    const property = fc.asyncProperty(events, async (make) => {
      const [first, second] = [attempt(make()), attempt(make())];
      must(inspect(first) === inspect(second), 'the same event twice gives two answers');
      if ('issues' in first) {
        for (const { path, message } of first.issues) {
          must(PATH.test(path), `an issue has no path: ${path}`);
          must(!message.includes(CANARY), `an issue shows a value: ${message}`);
        }
      } else assertTaken(first);
      const before = counted();
      const { name, ...options } = make() as { name: string };
      vero.track(name, options as object);
      must(counted() === before + 1, 'it is not counted once');
      must(
        logged.splice(0).every((line) => !line.includes(CANARY)),
        'a line of the log shows a value',
      );
      await vero.flush();
      const { accepted, delivered, pending } = vero.stats();
      must(accepted === delivered && pending === 0, 'the books do not close');
    });
    return { property, close: async () => void (await vero.close()) };
  },
};

type Attempt = TrackPayload | Pick<InvalidEventError, 'issues' | 'message'>;

function attempt(event: unknown): Attempt {
  try {
    return buildTrackPayload(event as never, { authToken: TOKEN });
  } catch (thrown) {
    if (!(thrown instanceof InvalidEventError)) throw thrown;
    must(thrown.issues.length > 0, 'it is refused without an issue');
    return { issues: thrown.issues, message: thrown.message };
  }
}

/** What Vero would say, as the inspector knows it: written by itself, from Vero's documentation. */
function assertTaken(body: TrackPayload): void {
  const text = JSON.stringify(body);
  const bytes = Buffer.from(text);
  const credential = `"auth_token":${JSON.stringify(TOKEN)},`.length;
  must(bytes.toString() === text, 'it is no well-formed Unicode');
  must(bytes.length - credential <= MAX_BYTES, `it has ${bytes.length} bytes`);
  must(inspect(JSON.parse(text), { depth: 99 }) === inspect(body, { depth: 99 }), 'JSON says something else');
  const parsed = parseBody({ 'content-type': 'application/json' }, bytes, {
    query: new URLSearchParams(),
    known: TOKEN,
  });
  toEvent(parsed, new Date(), TOKEN);
}
