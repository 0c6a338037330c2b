import { Logger } from '@nestjs/common';
import { describe, expect, test, vi } from 'vitest';
import { localVero } from '../../test-helpers/local-vero.ts';
import { authorizedRequest, batchOf, context, httpRequest, orderPaid } from './lambda-events.ts';

const vero = localVero();
const jane = { id: '42', email: 'jane@example.com' };
/** What Vero has at this very moment: after a handler, nothing more comes from a process that is frozen. */
const received = () => vero.inspector.events().map(({ name, identity, data }) => ({ name, identity, data }));

describe('a handler that flushes', () => {
  test('is over when Vero has the event of the work that succeeded', async () => {
    const { handler } = await import('../src/serverless/lambda.ts');
    const answer = await handler(authorizedRequest('Blue shoes'));
    const { id } = JSON.parse(answer.body ?? '');
    expect(received()).toEqual([{ name: 'purchased', identity: jane, data: { order_id: id } }]);
    expect(answer.statusCode).toBe(201);
  });

  test('sends nothing of work that failed', async () => {
    const { handler } = await import('../src/serverless/lambda.ts');
    await expect(handler(authorizedRequest('sold out'))).rejects.toThrow('sold out');
    expect(received()).toEqual([]);
  });

  test('waits for an attempt that fails, and for the one after it', async () => {
    const { handler } = await import('../src/serverless/lambda.ts');
    vero.inspector.failNext({ status: 503 });
    await handler(authorizedRequest('Blue shoes'));
    expect(received()).toHaveLength(1);
  });

  test('answers all the same when Vero is away', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { handler } = await import('../src/serverless/lambda.ts');
    const recover = vero.inspector.fail({ status: 503 });
    expect(await handler(authorizedRequest('Blue shoes'))).toMatchObject({ statusCode: 201 });
    recover();
    expect(received()).toEqual([]);
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('purchased'), expect.anything());
    warned.mockRestore();
  });
});

describe('a handler that sends', () => {
  test('is over when Vero has the event', async () => {
    const { onOrderPaid } = await import('../src/serverless/lambda.ts');
    await onOrderPaid(orderPaid('1'));
    expect(received()).toEqual([{ name: 'receipt_sent', identity: jane, data: { order_id: '1' } }]);
  });

  test('rejects when Vero does not take it, so that Lambda repeats it', async () => {
    const { onOrderPaid } = await import('../src/serverless/lambda.ts');
    vero.inspector.failNext({ status: 400 });
    await expect(onOrderPaid(orderPaid('1'))).rejects.toThrow('Vero answered 400');
  });
});

test('a handler of a queue is over when Vero has the events of the messages that succeeded', async () => {
  const complained = vi.spyOn(console, 'error').mockImplementation(() => {});
  const { handler } = await import('../src/serverless/lambda-queue.ts');
  const failed = [{ itemIdentifier: 'message of later-1' }, { itemIdentifier: 'message of never-1' }];
  expect(await handler(batchOf('1', 'later-1', 'never-1'))).toEqual({ batchItemFailures: failed });
  expect(received()).toEqual([{ name: 'receipt_sent', identity: jane, data: { order_id: '1' } }]);

  expect(await handler(batchOf('later-1', 'never-1'))).toEqual({ batchItemFailures: [failed[1]] });
  expect(received().map(({ data }) => data?.order_id)).toEqual(['1', 'later-1']);
  complained.mockRestore();
});

test.each([
  ['an Express', () => import('../src/serverless/lambda-express.ts')],
  ['a Nest', () => import('../src/serverless/lambda-nest.ts')],
])('a handler of %s application is over when Vero has the event of the request', async (_name, load) => {
  const { handler } = await load();
  const log = vi.spyOn(console, 'error').mockImplementation(() => {});
  Logger.overrideLogger(false);
  const user = { authorization: '42' };
  vero.inspector.failNext({ status: 503 }); // so that it takes a while
  expect(await handler(httpRequest('Blue shoes', user), context)).toMatchObject({ statusCode: 201 });
  expect(received()).toMatchObject([{ name: 'purchased', identity: jane }]);

  expect(await handler(httpRequest('sold out', user), context)).toMatchObject({ statusCode: 500 });
  expect(received()).toHaveLength(1);
  log.mockRestore();
});
