import type { AddressInfo, Server } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, type MicroserviceOptions, Transport } from '@nestjs/microservices';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { Vero } from '@verotrack/core';
import { VERO } from '@verotrack/nestjs';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { localVero } from '../../test-helpers/local-vero.ts';
import type { Message, MessageQueue } from '../src/jobs/message-queue.ts';
import type { Receipt } from '../src/your-app.ts';

const vero = localVero();
const jane = { id: '42', email: 'jane@example.com' };
/** What Vero has. Events are delivered side by side: their order says nothing. */
const received = () =>
  vero.inspector
    .events()
    .map(({ name, identity, data }) => ({ name, identity, data }))
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
const sent = (orderId: string) => ({ name: 'receipt_sent', identity: jane, data: { order_id: orderId } });
const trialEnded = { name: 'trial_ended', identity: jane, data: { plan: 'trial' } };

let told: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  told = vi.spyOn(console, 'error').mockImplementation(() => {});
  return () => told.mockRestore();
});

describe('a cron job', () => {
  test('tracks each user whose work succeeded, with node-cron', async () => {
    const { trials, vero: client } = await import('../src/jobs/cron.ts');
    await trials.execute();
    await trials.destroy();
    await client.close();
    expect(received()).toEqual([trialEnded]);
    expect(told.mock.calls).toEqual([['The billing service is down.']]);
  });

  test('tracks each user whose work succeeded, with @nestjs/schedule', async () => {
    const { JobsModule } = await import('../src/jobs/nest-schedule.ts');
    const app = await NestFactory.createApplicationContext(JobsModule, { logger: false });
    await app.get(SchedulerRegistry).getCronJob('trials').fireOnTick();
    await app.close();
    expect(received()).toEqual([trialEnded]);
    expect(app.get<Vero>(VERO).stats()).toMatchObject({ delivered: 1, pending: 0, skipped: { failure: 1 } });
  });
});

test('a Nest microservice over TCP tracks the messages that it handled', async () => {
  const { ReceiptsModule } = await import('../src/jobs/nest-microservice.ts');
  const options = { host: '127.0.0.1', port: 0 };
  const service = await NestFactory.createMicroservice<MicroserviceOptions>(ReceiptsModule, {
    transport: Transport.TCP,
    options,
    logger: false,
  });
  await service.listen();
  const { port } = service.unwrap<Server>().address() as AddressInfo;
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options: { ...options, port } });
  const ask = (orderId: string) => firstValueFrom(client.send('receipts.send', { orderId, user: jane }));

  expect(await ask('1')).toEqual({ sent: '1' });
  await expect(ask('never-1')).rejects.toMatchObject({ status: 'error' });
  await firstValueFrom(client.emit('order.paid', { orderId: '2', user: jane }), { defaultValue: undefined });
  await vero.inspector.waitForEvents(2);
  expect(await ask('3')).toEqual({ sent: '3' });
  client.close();
  await service.close(); // delivers what waits

  expect(received()).toEqual([sent('1'), sent('2'), sent('3')]);
});

test('a loop over a queue tracks a message when it was handled, and not when it has to come again', async () => {
  const { consume } = await import('../src/jobs/queue-loop.ts');
  const end = new AbortController();
  const waiting = ['1', 'later-2', '3'].map(
    (id): Message<Receipt> => ({ id, body: { orderId: id, user: jane } }),
  );
  const queue: MessageQueue<Receipt> = {
    receive: async () => [...waiting],
    delete: async ({ id }) => {
      const at = waiting.findIndex((message) => message.id === id);
      waiting.splice(at, 1);
      if (waiting.length === 0) end.abort();
    },
  };
  await consume(queue, end.signal);
  expect(received()).toEqual([sent('1'), sent('3'), sent('later-2')]);
  expect(told.mock.calls).toEqual([['The mail server is down.']]);
});
