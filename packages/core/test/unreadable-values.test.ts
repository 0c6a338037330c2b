import { expect, it } from 'vitest';
import { buildTrackPayload, isVeroError } from '../src/index.ts';
import { paths } from './issues.ts';

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}
const throwing = (problem: unknown): object => ({
  get x() {
    throw problem;
  },
});

it.each([
  ['an error without a text', Object.assign(new Error('no'), { message: 7 })],
  [
    'an error whose message throws',
    Object.defineProperty(new Error('no'), 'message', {
      get() {
        throw new Error('inner');
      },
    }),
  ],
  ['a revoked proxy', revoked({})],
])('data whose getter throws %s is an issue like any other', (_what, problem) => {
  expect(paths({ name: 'n', identity: { id: '1' }, data: throwing(problem) })).toEqual(['data']);
});

it.each([
  ['the options', () => revoked({})],
  ['allowAttributes', () => ({ authToken: 'tok_secret_x', allowAttributes: revoked([]) })],
  [
    'an option whose getter throws',
    () => ({
      get authToken() {
        throw new Error('no');
      },
    }),
  ],
])('%s that can not be read are refused as VERO_CONFIG', (_what, make) => {
  let thrown: unknown;
  try {
    buildTrackPayload({ name: 'n', identity: { id: '1' } }, make() as never);
  } catch (problem) {
    thrown = problem;
  }
  expect(isVeroError(thrown) && thrown.code).toBe('VERO_CONFIG');
});
