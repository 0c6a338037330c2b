import pg from 'pg';
import { inject } from 'vitest';
import type {} from '../../../tools/postgres/vitest-setup.ts';

export const postgresUrl = (): string => inject('postgresUrl');

let made = 0;

/** The name of a schema that no other test has. */
export const aSchema = (): string => `test_${process.pid}_${Date.now().toString(36)}_${made++}`;

/** Another database in the same Postgres. */
export async function anotherDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const name = aSchema();
  const url = new URL(postgresUrl());
  url.pathname = `/${name}`;
  await administer(`CREATE DATABASE ${name}`);
  return { url: url.href, drop: () => administer(`DROP DATABASE ${name}`) };
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl() });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
