import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { threadTransport } from '@verotrack/core/thread';
import { sqliteQueue } from '@verotrack/sqlite';
import { describe, expect, it } from 'vitest';
import { aClient, vero } from './local-vero.ts';
import { Telemetry } from './telemetry.ts';

const EVENT = { identity: { id: '42' } };

describe('the span of an attempt', () => {
  it('says what was sent where, as the conventions for messaging do', async () => {
    const telemetry = new Telemetry();
    const client = aClient({ project: 'shop' });
    client.track('viewed', { ...EVENT, eventId: 'event-1' });
    await client.flush();
    const span = telemetry.spanOf('event-1');
    expect(span).toMatchObject({
      name: 'send viewed',
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.UNSET },
    });
    expect(span?.attributes).toEqual({
      'messaging.system': 'vero',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'viewed',
      'messaging.message.id': 'event-1',
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(vero.url).port),
      'http.response.status_code': 200,
      'verotrack.project': 'shop',
      'verotrack.attempt': 1,
    });
    expect(span?.instrumentationScope.name).toBe('@verotrack/opentelemetry');
  });

  it('links to the span that the event was made in, and is the root of a trace of its own', async () => {
    const telemetry = new Telemetry();
    const client = aClient();
    const maker = telemetry.inSpan('request', (span) => {
      client.track('viewed', { ...EVENT, eventId: 'event-1' });
      return span.spanContext();
    });
    client.track('viewed', { ...EVENT, data: { n: 2 }, eventId: 'event-2' });
    await client.flush();
    const [linked, alone] = [telemetry.spanOf('event-1'), telemetry.spanOf('event-2')];
    expect(linked?.links.map((link) => link.context)).toMatchObject([
      { traceId: maker.traceId, spanId: maker.spanId, isRemote: true },
    ]);
    expect(linked?.parentSpanContext).toBeUndefined();
    expect(linked?.spanContext().traceId).not.toBe(maker.traceId);
    expect(alone?.links).toEqual([]);
  });

  it('is below the span of whoever waits for send', async () => {
    const telemetry = new Telemetry();
    const maker = await telemetry.inSpan('request', async (span) => {
      await aClient().send('viewed', { ...EVENT, eventId: 'event-1' });
      return span.spanContext();
    });
    const span = telemetry.spanOf('event-1');
    expect(span?.parentSpanContext).toMatchObject({ traceId: maker.traceId, spanId: maker.spanId });
    expect(span?.links).toEqual([]);
  });

  it('has what went wrong, and each attempt is one', async () => {
    const telemetry = new Telemetry();
    const client = aClient();
    vero.failNext({ status: 503 });
    vero.failNext('drop');
    client.track('viewed', EVENT);
    await client.flush();
    const facts = telemetry.spans.map(({ attributes, status }) => ({
      attempt: attributes['verotrack.attempt'],
      status: attributes['http.response.status_code'],
      error: attributes['error.type'],
      failed: status.code === SpanStatusCode.ERROR,
    }));
    expect(facts).toEqual([
      { attempt: 1, status: 503, error: '503', failed: true },
      { attempt: 2, status: undefined, error: expect.stringMatching(/^[A-Z_]+$/), failed: true },
      { attempt: 3, status: 200, error: undefined, failed: false },
    ]);
  });

  it('is active while the transport sends, so that a span of HTTP is below it', async () => {
    const telemetry = new Telemetry();
    const active: unknown[] = [];
    const client = aClient({
      transport: {
        send: async () => {
          await Promise.resolve();
          active.push(trace.getSpanContext(context.active())?.spanId);
          return { status: 200 };
        },
      },
    });
    client.track('viewed', { ...EVENT, eventId: 'event-1' });
    await client.flush();
    expect(active).toEqual([telemetry.spanOf('event-1')?.spanContext().spanId]);
  });

  it('is made for what a thread sends, too', async () => {
    const telemetry = new Telemetry();
    const client = aClient({ transport: threadTransport() });
    client.track('viewed', { ...EVENT, eventId: 'event-1' });
    expect(await client.flush()).toMatchObject({ delivered: 1 });
    expect(telemetry.spanOf('event-1')?.attributes).toMatchObject({ 'http.response.status_code': 200 });
  });

  it('ends with the instrumentation, if it is still open', async () => {
    const telemetry = new Telemetry();
    const client = aClient();
    vero.failNext('hang');
    client.track('viewed', EVENT);
    await expect.poll(() => vero.requests().length).toBe(1);
    telemetry.instrumentation.disable();
    expect(telemetry.spans).toHaveLength(1);
  });

  it('is not made without spans, and nothing is stored for it', async () => {
    const telemetry = new Telemetry({ spans: false });
    const folder = mkdtempSync(join(tmpdir(), 'verotrack-spans-'));
    const queue = sqliteQueue({ path: join(folder, 'queue.db') });
    const client = aClient({ queue });
    vero.failNext({ status: 400 });
    telemetry.inSpan('request', () => client.track('viewed', EVENT));
    await client.flush();
    expect(telemetry.spans.map(({ name }) => name)).toEqual(['request']);
    const [letter] = await client.deadLetters.list();
    expect(letter?.record.name).toBe('viewed');
    expect(letter?.record).not.toHaveProperty('trace');
    await client.close();
    rmSync(folder, { recursive: true });
  });

  it('links to a span of a process that has ended, by a queue on disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'verotrack-spans-'));
    const path = join(folder, 'queue.db');
    const script = join(import.meta.dirname, 'tracking-process.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [script, path], {
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    });
    const maker = JSON.parse(stdout) as { readonly traceId: string; readonly spanId: string };
    const telemetry = new Telemetry();
    const client = aClient({ queue: sqliteQueue({ path }) });
    await vero.waitForEvent('tracked_before');
    await client.flush();
    const span = telemetry.spanOf('event-of-the-past');
    expect(span?.links.map((link) => link.context)).toMatchObject([maker]);
    expect(await telemetry.total('verotrack.event.taken')).toBe(1);
    expect(await telemetry.total('verotrack.event.delivered')).toBe(1);
    await client.close();
    rmSync(folder, { recursive: true });
  });
});
