import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVero } from '@verotrack/core';
import { expect, it, onTestFinished } from 'vitest';
import { createVeroWorker, pgBossQueue } from '../src/index.ts';
import { aSchema, postgresUrl } from './servers.ts';

it('A worker that is closed does not wait for what another may deliver later', async () => {
  const failing = createServer((_request, response) => response.writeHead(500).end()).listen(0, '127.0.0.1');
  onTestFinished(() => void failing.close());
  await once(failing, 'listening');
  const schema = aSchema();
  const aQueue = () => pgBossQueue({ connectionString: postgresUrl(), schema });
  const options = {
    authToken: 'tok_secret_closing',
    baseUrl: `http://127.0.0.1:${(failing.address() as AddressInfo).port}`,
  };
  const client = createVero({ ...options, queue: aQueue() });
  client.track('order_placed', { identity: { id: '42' } });
  await client.close();
  const worker = createVeroWorker({ ...options, queue: aQueue() });
  await new Promise((retrying) => worker.on('retrying', retrying));
  const result = await worker.close({ timeout: 2 ** 31 - 1 });
  expect(result).toMatchObject({ delivered: 0, handedOver: 1, pending: 0 });
});
