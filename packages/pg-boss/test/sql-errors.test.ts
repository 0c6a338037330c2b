import { connect } from 'node:net';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { isAboutData, isLostConnection } from '../src/sql-errors.ts';
import { postgresUrl } from './servers.ts';

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => expect.fail('it did not fail'),
    (thrown: unknown) => thrown,
  );
}

const socketFailure = (options: { host: string; port: number } | { path: string }): Promise<unknown> =>
  new Promise((resolve) => void connect(options).once('error', resolve));

describe('Postgres is away', () => {
  it('when its port does not listen, or its socket is not there', async () => {
    const failures = await Promise.all([
      socketFailure({ host: '127.0.0.1', port: 1 }),
      socketFailure({ path: '/nowhere/.s.PGSQL.5432' }),
    ]);
    expect(failures.map(isLostConnection)).toEqual([true, true]);
    expect(failures.map(isAboutData)).toEqual([false, false]);
  });

  it('when its host is not found or out of reach, or it has no connection left', () => {
    for (const code of ['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', '53300', '57P03', '08006']) {
      expect([code, isLostConnection({ code })]).toEqual([code, true]);
    }
  });

  it('when pg says so without a code', () => {
    const messages = ['Connection terminated unexpectedly', 'timeout exceeded when trying to connect'];
    expect(messages.map((message) => isLostConnection({ message }))).toEqual([true, true]);
  });

  it('not when a grant is missing, a statement took too long or nothing is said', () => {
    const failures = [{ code: '42501' }, { code: '57014' }, { code: '53100' }, undefined];
    expect(failures.map(isLostConnection)).toEqual([false, false, false, false]);
  });

  it('not when it refuses what it is asked', async () => {
    const client = new pg.Client({ connectionString: postgresUrl() });
    await client.connect();
    const noTable = await failureOf(client.query('SELECT 1 FROM nowhere'));
    const noNumber = await failureOf(client.query(`SELECT 'seven'::int`));
    await client.end();
    expect([noTable, noNumber].map(isLostConnection)).toEqual([false, false]);
    expect([noTable, noNumber].map(isAboutData)).toEqual([false, true]);
  });
});
