import { describe, expect, it } from 'vitest';
import { classifyFailure, classifyResponse, errorCodes } from '../src/delivery/classify.ts';
import { backoff, withinDeduplicationWindow } from '../src/delivery/retry.ts';
import { newEventId } from '../src/event-id.ts';
import { parseRetryAfter, withCredential } from '../src/queue.ts';

const failure = (code: string, more: object = {}): Error => Object.assign(new Error('no'), { code }, more);

describe('what an answer means', () => {
  it.each([
    [200, { kind: 'delivered' }],
    [299, { kind: 'delivered' }],
    [300, { kind: 'misconfigured' }],
    [304, { kind: 'misconfigured' }],
    [399, { kind: 'misconfigured' }],
    [400, { kind: 'rejected' }],
    [401, { kind: 'unauthorized' }],
    [403, { kind: 'forbidden' }],
    [404, { kind: 'misconfigured' }],
    [408, { kind: 'retry', ambiguous: true }],
    [422, { kind: 'rejected' }],
    [425, { kind: 'retry', ambiguous: false }],
    [429, { kind: 'throttled', retryAfterMs: undefined }],
    [500, { kind: 'retry', ambiguous: false }],
    [502, { kind: 'retry', ambiguous: true }],
    [503, { kind: 'retry', ambiguous: false }],
    [504, { kind: 'retry', ambiguous: true }],
    [100, { kind: 'retry', ambiguous: true }],
    [Number.NaN, { kind: 'retry', ambiguous: true }],
  ])('%i', (status, verdict) => {
    expect(classifyResponse({ status })).toEqual(verdict);
  });

  it.each([429, 503])('%i with a Retry-After', (status) => {
    expect(classifyResponse({ status, retryAfterMs: 0 })).toEqual({ kind: 'throttled', retryAfterMs: 0 });
  });

  it('a Retry-After anywhere else says nothing', () => {
    expect(classifyResponse({ status: 500, retryAfterMs: 5 })).toEqual({ kind: 'retry', ambiguous: false });
  });
});

describe('what a failure means', () => {
  it.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'UND_ERR_CONNECT_TIMEOUT',
    'EMFILE',
    'VERO_THREAD_NOT_STARTED',
  ])('%s: the event never left', (code) => {
    expect(classifyFailure(failure(code))).toEqual({ kind: 'retry', ambiguous: false });
  });

  it.each(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT'])(
    '%s: Vero may have the event',
    (code) => {
      expect(classifyFailure(failure(code))).toEqual({ kind: 'retry', ambiguous: true });
    },
  );

  it.each([
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'HOSTNAME_MISMATCH',
    'INVALID_CA',
  ])('%s: it is not Vero', (code) => {
    expect(classifyFailure(new Error('fetch failed', { cause: failure(code) }))).toEqual({
      kind: 'misconfigured',
    });
  });

  it.each([[undefined], [null], ['no'], [new Error('no')], [{ code: 7 }]])('%j: nobody knows', (thrown) => {
    expect(classifyFailure(thrown)).toEqual({ kind: 'retry', ambiguous: true });
  });

  it('is found in causes and in the parts of an error of many addresses', () => {
    const both = new AggregateError([failure('ECONNREFUSED'), failure('ENETUNREACH')], 'no', {
      cause: failure('X'),
    });
    expect(errorCodes(new Error('fetch failed', { cause: both }))).toEqual([
      'X',
      'ECONNREFUSED',
      'ENETUNREACH',
    ]);
  });

  it('is looked for without end in no error', () => {
    const own = failure('X');
    own.cause = own;
    expect(errorCodes(own).length).toBeLessThan(10);
  });
});

describe('the delays', () => {
  it('double with each failure up to a limit, with full jitter', () => {
    const most = (failures: number): number =>
      Math.max(...Array.from({ length: 2_000 }, () => backoff(failures, { baseMs: 100, maxMs: 1_000 })));
    for (const [failures, ceiling] of [
      [0, 100],
      [1, 200],
      [3, 800],
      [4, 1_000],
      [5_000, 1_000],
    ] as const) {
      expect(most(failures)).toBeLessThanOrEqual(ceiling);
      expect(most(failures)).toBeGreaterThan(ceiling * 0.9);
    }
    expect(backoff(0, { baseMs: 0, maxMs: 0 })).toBe(0);
  });

  it('stay inside the deduplication window, unless it is over', () => {
    expect(withinDeduplicationWindow(1_000, 0, 0)).toBe(1_000);
    expect(withinDeduplicationWindow(1_000_000, 0, 100_000)).toBe(50_000);
    expect(withinDeduplicationWindow(1_000_000, 0, 150_000)).toBe(1_000_000);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2024, 0, 1);
  it.each([
    ['3', 3_000],
    [' 0.5 ', 500],
    ['0', 0],
    ['Mon, 01 Jan 2024 00:01:00 GMT', 60_000],
    ['Sun, 31 Dec 2023 23:59:00 GMT', 0],
    ['Sunday, 31-Dec-23 23:59:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['1, 2', undefined],
    ['2 1', undefined],
    ['', undefined],
    ['  ', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('%j asks for %s ms', (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });
});

describe('the body that is sent', () => {
  it('has the credential as its first member, and the stored bytes after it', () => {
    const body = '{"event_name":"n","identity":{"id":"1"}}';
    const sent = withCredential(body, 'tok_secret_"x"');
    expect(JSON.parse(sent)).toEqual({
      auth_token: 'tok_secret_"x"',
      event_name: 'n',
      identity: { id: '1' },
    });
    expect(sent.endsWith(body.slice(1))).toBe(true);
  });
});

describe('an event id', () => {
  it('is a UUID of version 7 that begins with the time', () => {
    const id = newEventId(0x0123_4567_89ab);
    expect(id).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(newEventId(0x0123_4567_89ab)).not.toBe(id);
    expect(newEventId(1) < newEventId(2)).toBe(true);
  });
});
