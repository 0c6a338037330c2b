import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Inspector, startInspector } from '@verotrack/inspector';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../test-helpers/free-port.ts';

const src = join(import.meta.dirname, '../src');

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
}

let vero: Inspector;
let collector: Server;
let spans: OtlpSpan[];
const ends: (() => unknown)[] = [];

beforeEach(async () => {
  vero = await startInspector({ port: 0 });
  spans = [];
  collector = createServer(async (req, res) => {
    const body = JSON.parse(Buffer.concat(await req.toArray()).toString());
    for (const { scopeSpans } of body.resourceSpans ?? [])
      for (const scope of scopeSpans) spans.push(...scope.spans);
    res.setHeader('content-type', 'application/json').end('{}');
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  collector.closeAllConnections();
  collector.close();
  await vero.close();
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

test.each([
  ['--import', join(src, 'telemetry.ts')],
  ['--require', join(import.meta.dirname, 'telemetry.cjs')],
])(
  'a shop that is started with %s has metrics, and a delivery that links to its request',
  async (flag, sdk) => {
    const metricsPort = await freePort();
    const shop = spawn(process.execPath, [flag, sdk, join(src, 'server.ts')], {
      env: {
        ...process.env,
        NODE_NO_WARNINGS: '1',
        VERO_BASE_URL: vero.url,
        VERO_AUTH_TOKEN: 'tok_secret_of_the_observed_shop',
        OTEL_METRICS_EXPORTER: 'prometheus',
        OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
        OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${portOf(collector)}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_LOGS_EXPORTER: 'none',
        OTEL_BSP_SCHEDULE_DELAY: '50',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    ends.push(() => {
      shop.kill('SIGKILL');
      return once(shop, 'exit');
    });
    const [url] = await once(createInterface(shop.stdout), 'line');
    expect((await fetch(`${url}/orders`, { method: 'POST' })).status).toBe(200);
    await vero.waitForEvent('purchased', { timeoutMs: 20_000 });

    const named = (name: string): OtlpSpan | undefined => spans.find((span) => span.name === name);
    await expect.poll(() => spans.map(({ name }) => name)).toContain('send purchased');
    await expect.poll(() => spans.filter(({ name }) => name.startsWith('POST')).length).toBeGreaterThan(1);
    const delivery = named('send purchased');
    const request = spans.find(({ name, parentSpanId }) => name.startsWith('POST') && !parentSpanId);
    const toVero = spans.find(({ name, parentSpanId }) => name.startsWith('POST') && parentSpanId);
    expect(delivery?.parentSpanId).toBeFalsy();
    expect(delivery?.links).toMatchObject([{ traceId: request?.traceId, spanId: request?.spanId }]);
    expect(toVero).toMatchObject({ traceId: delivery?.traceId, parentSpanId: delivery?.spanId });

    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const delivered = metrics.split('\n').find((line) => line.startsWith('verotrack_event_delivered_total{'));
    expect(delivered).toMatch(/verotrack_event_name="purchased".* 1$/);
  },
);
