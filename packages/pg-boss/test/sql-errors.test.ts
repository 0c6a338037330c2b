import { describe, expect, it } from 'vitest';
import { isAboutData, isLostConnection } from '../src/sql-errors.ts';

describe('What went wrong with Postgres', () => {
  it.each([
    ['it was stopped', { code: '57P01' }],
    ['it starts', { code: '57P03' }],
    ['it has too many connections', { code: '53300' }],
    ['nobody listens', { code: 'ECONNREFUSED' }],
    ['its machine cannot be reached', { code: 'EHOSTUNREACH' }],
    ['its name is not known just now', { code: 'EAI_AGAIN' }],
    ['a socket ended', { message: 'Connection terminated unexpectedly' }],
    ['it does not answer', { message: 'timeout exceeded when trying to connect' }],
  ])('is the connection when %s', (_, thrown) => {
    expect(isLostConnection(thrown)).toBe(true);
    expect(isAboutData(thrown)).toBe(false);
  });

  it.each([
    ['a grant is missing', { code: '42501' }],
    ['a statement took too long', { code: '57014' }],
    ['it is out of disk', { code: '53100' }],
    ['it refuses a value', { code: '22P02' }],
    ['nothing is said', undefined],
  ])('is not the connection when %s', (_, thrown) => {
    expect(isLostConnection(thrown)).toBe(false);
  });
});
