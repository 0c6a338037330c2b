import type { TransportRequest } from '../../src/queue.ts';
import { AT_WORST_TWICE, always, describeReaction, type Fault, ONCE } from './fault.ts';
import { answer, hangUp, type Misbehaviour, type Received, reset } from './misbehaving-server.ts';

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

/** What lasts. */
export const OUTAGE_FAULTS: readonly Fault[] = [
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
