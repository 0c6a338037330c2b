import { inspect } from 'node:util';
import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { memoryQueue, type Vero } from '@verotrack/core';
import { describe, expect, it } from 'vitest';
import { aClient, vero } from './local-vero.ts';
import { Telemetry } from './telemetry.ts';

const JANE = { id: 'user-of-the-test', email: 'jane@example.com' };
const EVENT = { identity: JANE, data: { item_name: 'Blue shoes' } };

function kindOf(data: MetricData): string {
  if (data.dataPointType === DataPointType.HISTOGRAM) return 'histogram';
  if (data.dataPointType === DataPointType.GAUGE) return 'gauge';
  return data.dataPointType === DataPointType.SUM && data.isMonotonic ? 'counter' : 'sum';
}

/** A client to which everything happens that a client counts. */
async function eventfulClient(): Promise<Vero> {
  const client = aClient({ project: 'shop', queue: memoryQueue({ capacity: 6 }) });
  vero.failNext({ status: 503 });
  client.track('bought', EVENT);
  await client.flush();
  vero.failNext({ status: 400 });
  client.track('bought', EVENT);
  await client.flush();
  client.track('bought', { identity: { id: '' } });
  await client.send('', EVENT).catch(() => {});
  client.track('viewed');
  client.trackOnSuccess('viewed', EVENT);
  vero.failNext('hang', 20);
  for (let n = 0; n < 9; n++) client.track('viewed', { ...EVENT, data: { n } });
  return client;
}

describe('metrics', () => {
  it('are the books of the client', async () => {
    const telemetry = new Telemetry();
    const client = await eventfulClient();
    const { accepted, delivered, rejected, dropped, invalid, retries, skipped, pending } = client.stats();
    expect({ delivered, rejected, dropped, invalid, retries, pending }).toEqual({
      delivered: 1,
      rejected: 1,
      dropped: 3,
      invalid: 2,
      retries: 1,
      pending: 6,
    });
    expect(await telemetry.total('verotrack.event.accepted')).toBe(accepted);
    expect(await telemetry.total('verotrack.event.delivered')).toBe(delivered);
    expect(await telemetry.total('verotrack.event.rejected')).toBe(rejected);
    expect(await telemetry.total('verotrack.event.dropped')).toBe(dropped);
    expect(await telemetry.total('verotrack.event.invalid')).toBe(invalid);
    expect(await telemetry.total('verotrack.delivery.retries')).toBe(retries);
    expect(await telemetry.total('verotrack.event.pending')).toBe(pending);
    expect(await telemetry.total('verotrack.event.delivery.duration')).toBe(delivered);
    expect(await telemetry.total('verotrack.event.skipped')).toBe(2);
    expect(skipped).toEqual({ 'no-identity': 1, 'no-scope': 1 });
    await client.close({ timeout: 0 });
    expect(await telemetry.total('verotrack.event.dropped')).toBe(client.stats().dropped);
    expect(await telemetry.total('verotrack.event.pending')).toBe(0);
  });

  it('have the attributes that tell them apart, and few of each', async () => {
    const telemetry = new Telemetry();
    await eventfulClient();
    const project = { 'verotrack.project': 'shop' };
    const bought = { ...project, 'verotrack.event.name': 'bought' };
    const viewed = { ...project, 'verotrack.event.name': 'viewed' };
    expect(await telemetry.points('verotrack.event.accepted')).toEqual([
      { value: 2, attributes: bought },
      { value: 9, attributes: viewed },
    ]);
    expect(await telemetry.points('verotrack.event.delivered')).toEqual([{ value: 1, attributes: bought }]);
    expect(await telemetry.points('verotrack.event.rejected')).toEqual([
      { value: 1, attributes: { ...bought, 'error.type': '400' } },
    ]);
    expect(await telemetry.points('verotrack.event.dropped')).toEqual([
      { value: 3, attributes: { ...viewed, 'verotrack.drop.reason': 'overflow' } },
    ]);
    expect(await telemetry.points('verotrack.event.skipped')).toEqual([
      { value: 1, attributes: { ...viewed, 'verotrack.skip.reason': 'no-identity' } },
      { value: 1, attributes: { ...viewed, 'verotrack.skip.reason': 'no-scope' } },
    ]);
    expect(await telemetry.points('verotrack.delivery.retries')).toEqual([
      { value: 1, attributes: { ...project, 'error.type': '503' } },
    ]);
    const attempts = await telemetry.points('verotrack.attempt.duration');
    expect(attempts.map(({ attributes }) => attributes)).toEqual([
      { ...project, 'error.type': '503' },
      project,
      { ...project, 'error.type': '400' },
    ]);
  });

  it('have the units and kinds of the conventions', async () => {
    const telemetry = new Telemetry({ queueCounts: true });
    const client = await eventfulClient();
    await client.close({ timeout: 0 });
    aClient();
    const kinds = Object.fromEntries(
      (await telemetry.metrics()).map((data) => [
        data.descriptor.name,
        `${kindOf(data)} ${data.descriptor.unit}`,
      ]),
    );
    expect(kinds).toEqual({
      'verotrack.event.accepted': 'counter {event}',
      'verotrack.event.delivered': 'counter {event}',
      'verotrack.event.rejected': 'counter {event}',
      'verotrack.event.dropped': 'counter {event}',
      'verotrack.event.skipped': 'counter {event}',
      'verotrack.event.invalid': 'counter {event}',
      'verotrack.delivery.retries': 'counter {retry}',
      'verotrack.event.delivery.duration': 'histogram s',
      'verotrack.attempt.duration': 'histogram s',
      'verotrack.event.pending': 'sum {event}',
      'verotrack.event.pending.age': 'gauge s',
      'verotrack.delivery.paused': 'sum {client}',
      'verotrack.queue.waiting': 'gauge {event}',
      'verotrack.queue.dead_letters': 'gauge {event}',
    });
  });

  it('tell of what waits in clients that were made before', async () => {
    const queue = memoryQueue();
    const client = aClient({ queue });
    vero.failNext('hang', 2);
    client.track('viewed', EVENT);
    client.track('viewed', { ...EVENT, data: { n: 2 } });
    const telemetry = new Telemetry({ queueCounts: true });
    const attributes = { 'verotrack.project': 'default' };
    expect(await telemetry.points('verotrack.event.pending')).toEqual([{ value: 2, attributes }]);
    expect(await telemetry.points('verotrack.queue.waiting')).toEqual([{ value: 2, attributes }]);
    await expect
      .poll(() => telemetry.points('verotrack.event.pending.age'))
      .toMatchObject([{ value: expect.toSatisfy((seconds) => seconds > 0 && seconds < 60) }]);
  });

  it('tell of pauses and their end, and of clients of one project as one', async () => {
    const telemetry = new Telemetry();
    const [client] = [aClient(), aClient()];
    const paused = async (): Promise<object> =>
      Object.fromEntries(
        (await telemetry.points('verotrack.delivery.paused')).map(({ attributes, value }) => [
          attributes['verotrack.pause.reason'],
          value,
        ]),
      );
    const none = { 'retry-after': 0, unauthorized: 0, forbidden: 0, misconfigured: 0, unreachable: 0 };
    expect(await paused()).toEqual(none);
    vero.failNext({ status: 401 });
    client.track('viewed', EVENT);
    const during = new Promise<object>((resolve) => client.on('paused', () => resolve(paused())));
    const resumed = new Promise((resolve) => client.on('resumed', resolve));
    expect(await during).toEqual({ ...none, unauthorized: 1 });
    await resumed;
    expect(await paused()).toEqual(none);
  });

  it('count contained errors by their code', async () => {
    const telemetry = new Telemetry();
    const client = aClient();
    client.on('skipped', () => {
      throw new Error('of a listener');
    });
    client.track('viewed');
    expect(await telemetry.points('verotrack.client.errors')).toEqual([
      { value: 1, attributes: { 'verotrack.project': 'default', 'error.type': 'VERO_LISTENER_FAILED' } },
    ]);
  });

  it.each([
    [2, ['one', 'two', '_OTHER', 'one']],
    [0, [undefined, undefined, undefined, undefined]],
  ])('tell at most %d names of events apart', async (maxEventNames, names) => {
    const telemetry = new Telemetry({ maxEventNames });
    const client = aClient({ enabled: false });
    for (const name of ['one', 'two', 'three', 'one']) client.track(name, EVENT);
    const points = await telemetry.points('verotrack.event.skipped');
    const counted = new Map(
      points.map(({ value, attributes }) => [attributes['verotrack.event.name'], value]),
    );
    const expected = new Map<unknown, number>();
    for (const name of names) expected.set(name, (expected.get(name) ?? 0) + 1);
    expect(counted).toEqual(expected);
  });

  it('hold no value of a payload or an identity, and no credential', async () => {
    const telemetry = new Telemetry({ queueCounts: true });
    await eventfulClient();
    const said = inspect([await telemetry.metrics(), telemetry.spans], { depth: 12 });
    expect(said).toContain('bought');
    expect(/jane|user-of-the-test|Blue shoes|tok_secret_/.test(said)).toBe(false);
  });
});

describe('the instrumentation', () => {
  it('begins when it is made, and ends when it is disabled', async () => {
    const telemetry = new Telemetry();
    const client = aClient({ enabled: false });
    client.track('viewed', EVENT);
    telemetry.instrumentation.disable();
    client.track('viewed', EVENT);
    expect(await telemetry.total('verotrack.event.skipped')).toBe(1);
    expect(await telemetry.points('verotrack.event.pending')).toEqual([]);
    telemetry.instrumentation.enable();
    telemetry.instrumentation.enable();
    client.track('viewed', EVENT);
    expect(await telemetry.total('verotrack.event.skipped')).toBe(2);
    expect(await telemetry.total('verotrack.event.pending')).toBe(0);
  });

  it('takes other options at once', async () => {
    const telemetry = new Telemetry();
    telemetry.instrumentation.setConfig({ maxEventNames: 0 });
    aClient({ enabled: false }).track('viewed', EVENT);
    const [point] = await telemetry.points('verotrack.event.skipped');
    expect(point?.attributes).not.toHaveProperty('verotrack.event.name');
  });
});
