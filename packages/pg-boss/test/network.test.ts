import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { identity, LocalFleet } from './local-fleet.ts';
import { postgresUrl } from './servers.ts';

/** A network before Postgres, whose connections can fall silent without an end. New ones work. */
async function aNetwork(): Promise<{ readonly url: URL; silence(): void }> {
  const url = new URL(postgresUrl());
  const { port, hostname } = url;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const postgres = connect(Number(port), hostname);
    client.pipe(postgres).pipe(client);
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
  return { url, silence };
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
