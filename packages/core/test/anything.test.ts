import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildTrackPayload,
  InvalidEventError,
  isVeroError,
  type TrackPayload,
  type Vero,
} from '../src/index.ts';
import { anything, type Make, objectOf, orAnything, print, RUNS } from './arbitraries.ts';
import { makeClient } from './clients.ts';

const authToken = 'tok_secret_anything';
const identity = { id: '1', email: 'jane@example.com' };
const inMemory = { transport: { send: async () => ({ status: 200 }) } };

const names: fc.Arbitrary<Make> = orAnything('n');

/** The payload, or the paths of what is wrong. Anything else that is thrown fails the test. */
function attempt(event: unknown): TrackPayload | readonly string[] {
  try {
    return buildTrackPayload(event as never, { authToken });
  } catch (thrown) {
    if (!(thrown instanceof InvalidEventError)) throw thrown;
    expect(thrown.issues.length).toBeGreaterThan(0);
    for (const { path, message } of thrown.issues) {
      expect(path).toMatch(/^(event|name|identity|data|createdAt|source|conversionId)/);
      expect(message).not.toBe('');
    }
    return thrown.issues.map(({ path }) => path);
  }
}

const isRefused = (result: object): result is readonly string[] => Array.isArray(result);

describe('anything at all', () => {
  it('becomes a payload that JSON can say, or an InvalidEventError with paths', () => {
    const event = objectOf({
      name: orAnything('n'),
      identity: orAnything(identity),
      data: anything,
      createdAt: orAnything(0),
      source: orAnything('shop'),
    });
    const seen = { built: 0, refused: 0 };
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: event }, { weight: 1, arbitrary: anything }), (make) => {
        const given = make();
        const before = print(given);
        const result = attempt(given);
        expect(print(given)).toBe(before);
        seen[isRefused(result) ? 'refused' : 'built']++;
        if (!isRefused(result)) expect(JSON.parse(JSON.stringify(result))).toEqual(result);
      }),
      RUNS,
    );
    // Otherwise half of it would go untested.
    expect(seen.built).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
  });

  it.each([
    ['data', /^(data|event$)/, (make: Make) => ({ name: 'n', identity, data: make() })],
    ['an identity', /^(identity|event$)/, (make: Make) => ({ name: 'n', identity: make() })],
    [
      'an attribute',
      /^(identity\.plan|event$)/,
      (make: Make) => ({ name: 'n', identity: { ...identity, plan: make() } }),
    ],
  ])(
    'as %s of an event that is otherwise right is sent, or refused with its path',
    (_what, expected, eventOf) => {
      fc.assert(
        fc.property(anything, (make) => {
          const result = attempt(eventOf(make));
          if (isRefused(result)) for (const path of result) expect(path).toMatch(expected);
          else expect(JSON.parse(JSON.stringify(result))).toEqual(result);
        }),
        RUNS,
      );
    },
  );

  it('as an option of buildTrackPayload is taken, or refused as VERO_CONFIG', () => {
    const options = objectOf({
      developmentMode: anything,
      maxPayloadBytes: anything,
      invalidEmail: anything,
      allowAttributes: anything,
    });
    const refused = new Set<string>();
    fc.assert(
      fc.property(options, (make) => {
        try {
          buildTrackPayload({ name: 'n', identity }, { authToken, ...(make() as object) });
        } catch (thrown) {
          expect(isVeroError(thrown)).toBe(true);
          refused.add(isVeroError(thrown) ? thrown.code : '');
        }
      }),
      RUNS,
    );
    expect([...refused].filter((code) => code !== 'VERO_INVALID_EVENT')).toEqual(['VERO_CONFIG']);
  });
});

describe('anything at all, given to a client', () => {
  const options = fc.oneof(
    {
      weight: 9,
      arbitrary: objectOf(
        {
          identity: orAnything(identity),
          data: anything,
          createdAt: orAnything(0),
          source: orAnything('shop'),
          conversionId: orAnything(undefined),
          eventId: orAnything(undefined),
          unique: anything,
        },
        ['identity'],
      ),
    },
    { weight: 1, arbitrary: anything },
  );
  const counted = (vero: Vero): number => {
    const { accepted, invalid, skipped } = vero.stats();
    return accepted + invalid + Object.values(skipped).reduce((sum, count) => sum + count, 0);
  };

  it.each(['track', 'trackOnSuccess'] as const)(
    'is never thrown back by %s, nor changed, and is counted exactly once',
    async (method) => {
      const { vero, told } = makeClient(inMemory);
      const run = async (nameOf: Make, optionsOf: Make): Promise<void> => {
        const [name, given] = [nameOf(), optionsOf()];
        const [before, wasCounted] = [print([name, given]), counted(vero)];
        vero.run({ identity }, () => vero[method](name as string, given as object));
        // What a scope that has ended still decides.
        await null;
        await null;
        await null;
        expect(counted(vero)).toBe(wasCounted + 1);
        expect(print([name, given])).toBe(before);
      };
      await fc.assert(fc.asyncProperty(names, options, run), RUNS);
      const { accepted, invalid } = vero.stats();
      expect(accepted).toBeGreaterThan(0);
      expect(invalid).toBeGreaterThan(0);
      expect(told.invalid).toHaveLength(invalid);
      // Nothing of it was a surprise.
      const codes = new Set(told.error.map(({ error }) => error.code));
      expect([...codes].filter((code) => code !== 'VERO_ATTRIBUTE_OMITTED')).toEqual([]);
      await vero.flush();
      expect(vero.stats()).toMatchObject({ delivered: accepted, pending: 0, deferred: 0 });
    },
  );

  it('is never thrown back by run as an identity, and its events are counted once', async () => {
    const { vero } = makeClient(inMemory);
    await fc.assert(
      fc.asyncProperty(anything, async (make) => {
        const wasCounted = counted(vero);
        expect(vero.run({ identity: make() as never }, () => vero.track('n') ?? 'done')).toBe('done');
        expect(counted(vero)).toBe(wasCounted + 1);
      }),
      RUNS,
    );
    expect(vero.stats().openScopes).toBe(0);
  });
});
