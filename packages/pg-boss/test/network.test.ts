import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { identity, LocalFleet } from './local-fleet.ts';
import { postgresUrl } from './servers.ts';

interface Network {
  readonly url: URL;
  /** Connections fall silent without an end. New ones work. */
  silence(): void;
  /** Tells the clients what no statement of theirs is the cause of. */
  tell(message: Buffer): void;
}

/** A network before Postgres. */
async function aNetwork(): Promise<Network> {
  const url = new URL(postgresUrl());
  const { port, hostname } = url;
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    const postgres = connect(Number(port), hostname);
    clients.add(client.pipe(postgres).pipe(client));
    for (const socket of [client, postgres]) sockets.add(socket.on('error', () => socket.destroy()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const silence = (): void => {
    for (const socket of sockets) socket.unpipe().removeAllListeners('data').resume();
  };
  const tell = (message: Buffer): void => {
    for (const client of clients) client.write(message);
  };
  return { url, silence, tell };
}

it('A client whose Postgres falls silent tries again after the query_timeout of its connection string', async () => {
  const { url, silence } = await aNetwork();
  const fleet = await LocalFleet.open(postgresUrl());
  onTestFinished(() => fleet.close());
  // Without the time limit: on a busy machine the schema may take longer.
  await fleet.store(1);
  url.searchParams.set('query_timeout', '2000');
  const client = fleet.client({ on: { connectionString: url.href } });
  await fleet.store(1, client);
  const told: string[] = [];
  client.on('error', ({ error }) => told.push(error.message));
  silence();
  client.track('order_placed', { identity });
  expect(await client.flush()).toMatchObject({ handedOver: 1, pending: 0 });
  expect(told).toEqual(["The queue failed: Postgres can't be used, and is tried again: Query read timeout"]);
  expect(await fleet.counts()).toEqual({ waiting: 3, taken: 0, deadLetters: 0 });
});

it('What is told of an idle connection that failed has no password in it, also where nobody looks', async () => {
  const { url, tell } = await aNetwork();
  const fleet = await LocalFleet.open(postgresUrl());
  onTestFinished(() => fleet.close());
  // Where any will do, one that can be found.
  url.password ||= 'tok_secret_of_the_database';
  const client = fleet.client({ on: { connectionString: url.href } });
  const told: Error[] = [];
  client.on('error', ({ error }) => told.push(error));
  await fleet.store(1, client);
  tell(anError('SFATAL', 'CXX000', 'Mout of order'));
  await expect.poll(() => told.length).toBeGreaterThan(0);
  expect(told[0]?.message).toBe('The queue failed: pg-boss: out of order');
  expect(inspect(told, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(url.password);
});

/** As Postgres sends one: https://www.postgresql.org/docs/current/protocol-message-formats.html */
function anError(...fields: readonly string[]): Buffer {
  const body = Buffer.from(`${fields.map((field) => `${field}\0`).join('')}\0`);
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + body.length);
  return Buffer.concat([Buffer.from('E'), length, body]);
}
