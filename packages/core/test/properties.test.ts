import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoff } from '../src/delivery/retry.ts';
import { looksSecret } from '../src/identity.ts';
import { parseRetryAfter } from '../src/transport/contract.ts';
import { RUNS, trickyKey } from './arbitraries.ts';
import { build } from './issues.ts';

/** Any UTF-16, halves of pairs included. */
const text = fc.array(fc.nat({ max: 0xffff })).map((units) => String.fromCharCode(...units));
const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.constant(-0));
const leaf = fc.oneof(text, number, fc.boolean(), fc.constant(null));
const { json } = fc.letrec((tie) => ({
  json: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('list'), tie('object')),
  list: fc.array(tie('json'), { maxLength: 4 }),
  object: fc.dictionary(trickyKey, tie('json'), { maxKeys: 4 }),
}));
const jsonObject = fc.dictionary(trickyKey, json, { maxKeys: 6 });

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('data that JSON can say', () => {
  it('arrives as it was', () => {
    fc.assert(
      fc.property(jsonObject, (data) => {
        const sent = build({ data }).data ?? {};
        // As text: `toEqual` alone would not see a key named __proto__.
        expect(JSON.stringify(sent)).toBe(JSON.stringify(data));
        expect(throughJson(sent)).toEqual(throughJson(data));
      }),
      RUNS,
    );
  });

  it('arrives as it was in an identity, but for its secrets, its id and its email', () => {
    fc.assert(
      fc.property(fc.dictionary(trickyKey, leaf, { maxKeys: 6 }), (attributes) => {
        const {
          id,
          email: _,
          ...sent
        } = throughJson(build({ identity: { ...attributes, id: '1' } }).identity);
        expect(id).toBe('1');
        const expected = Object.entries(throughJson(attributes)).filter(
          ([name]) => name !== 'id' && name !== 'email' && !looksSecret(name),
        );
        expect(new Map(Object.entries(sent))).toEqual(new Map(expected));
      }),
      RUNS,
    );
  });

  it('is not changed, and changing it later changes nothing', () => {
    fc.assert(
      fc.property(jsonObject, (data) => {
        const before = JSON.stringify(data);
        const payload = build({ data: deepFreeze(structuredClone(data)) });
        const expected = JSON.stringify(payload);
        expect(JSON.stringify(build({ data }))).toBe(expected);
        expect(JSON.stringify(data)).toBe(before);
        const mine = build({ data });
        deface(data);
        expect(JSON.stringify(mine)).toBe(expected);
      }),
      RUNS,
    );
  });
});

describe('the numbers of delivery', () => {
  it('never wait for NaN or for less than nothing, whatever Retry-After says', () => {
    const date = fc.date({ noInvalidDate: true });
    const header = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.integer().map(String),
      fc.stringMatching(/^[0-9]{1,400}(\.[0-9]{0,9})?$/),
      date.map((at) => at.toUTCString()),
      date.map((at) => at.toISOString()),
    );
    let understood = 0;
    fc.assert(
      fc.property(header, (given) => {
        const ms = parseRetryAfter(given);
        if (ms === undefined) return;
        understood++;
        expect(ms).toBeGreaterThanOrEqual(0);
      }),
      RUNS,
    );
    expect(understood).toBeGreaterThan(0);
  });

  it('keep each delay between 0 and its bound, however often an event failed', () => {
    const ms = fc.integer({ min: 0, max: 2 ** 31 - 1 });
    const failed = fc.oneof(fc.nat(), fc.nat({ max: 40 }));
    fc.assert(
      fc.property(failed, ms, ms, (failures, baseMs, maxMs) => {
        const delay = backoff(failures, { baseMs, maxMs });
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.min(maxMs, baseMs * 2 ** Math.min(failures, 100)));
      }),
      RUNS,
    );
  });
});

describe('a name that looks like a secret', () => {
  const secret = fc.constantFrom(
    'password',
    'token',
    'secret',
    'salt',
    'otp',
    'card',
    'apiKey',
    'password_hash',
  );
  const word = fc.stringMatching(/^[a-z]{1,8}$/);

  it('does so between other words, in each way of writing them', () => {
    const capital = (part: string): string => part.charAt(0).toUpperCase() + part.slice(1);
    fc.assert(
      fc.property(secret, word, word, (name, before, after) => {
        const words = [before, ...name.split(/(?=[A-Z])|_/).map((part) => part.toLowerCase()), after];
        for (const mark of ['_', '-', '.', ' ']) expect(looksSecret(words.join(mark))).toBe(true);
        expect(looksSecret(words.join('_').toUpperCase())).toBe(true);
        expect(looksSecret(words.map(capital).join(''))).toBe(true);
        expect(looksSecret(before + words.slice(1).map(capital).join(''))).toBe(true);
      }),
      RUNS,
    );
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const part of Object.values(Object.freeze(value))) deepFreeze(part);
  return value;
}

/** Changes a value at every depth. */
function deface(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const part of Object.values(value)) deface(part);
  for (const name of Object.keys(value)) Reflect.deleteProperty(value, name);
  Object.assign(value, { defaced: true });
}
