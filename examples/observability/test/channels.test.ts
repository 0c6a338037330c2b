import { createVero, memoryQueue } from '@verotrack/core';
import { expect, test } from 'vitest';
import { lost, stop } from '../src/channels.ts';
import { log, requestId } from '../src/own-trace.ts';

const event = { identity: { id: '42' } };

test('a subscriber counts what is lost', async () => {
  const vero = createVero({
    authToken: 'tok_secret_of_channels',
    queue: memoryQueue({ capacity: 1 }),
    transport: { send: async () => ({ status: 200 }) },
    logger: () => {},
  });
  vero.track('viewed', event);
  vero.track('viewed', event);
  await vero.close();
  stop();
  expect(lost).toEqual({ 'default viewed overflow': 1 });
});

test('a request id comes back with the delivery', async () => {
  const vero = createVero({
    authToken: 'tok_secret_of_channels',
    transport: { send: async () => ({ status: 200 }) },
  });
  requestId.run('r-1', () => vero.track('viewed', event));
  await vero.close();
  expect(log).toContain('viewed of request r-1: delivered');
});
