import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Counter, Histogram } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { VERO_CHANNELS } from '@verotrack/core/diagnostics';
import { describe, expect, it } from 'vitest';
import { VeroInstrumentation } from '../src/index.ts';
import { createInstruments, type Instruments } from '../src/instruments.ts';

const read = (file: string): string => readFileSync(join(import.meta.dirname, '../../..', file), 'utf8');
const doc = read('docs/observability.md');

/** The rows of the table under a heading, a list of cells each. */
function rows(markdown: string, heading: string): string[][] {
  const [, section = ''] = markdown.split(`\n${heading}\n`);
  const [own = ''] = section.split(/\n#/);
  return (own.match(/^\| `.*$/gm) ?? []).map((row) =>
    row
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}

const code = (cell = ''): string => /^`([^`]+)`/.exec(cell)?.[1] ?? '';

/** What the Prometheus exporter writes when each instrument has a value. */
async function exported(): Promise<string> {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  const meter = provider.getMeter('test');
  const instruments = createInstruments(meter);
  const attributes = {
    'verotrack.event.name': 'purchased',
    'verotrack.drop.reason': 'overflow',
    'verotrack.skip.reason': 'when',
    'verotrack.pause.reason': 'unreachable',
    'error.type': '503',
  };
  for (const instrument of Object.values(instruments) as Instruments[keyof Instruments][]) {
    if ('addCallback' in instrument) instrument.addCallback((result) => result.observe(1, attributes));
    else if ('add' in instrument) (instrument as Counter).add(1, attributes);
    else (instrument as Histogram).record(1, attributes);
  }
  return await new Promise((resolve) => {
    const response = { statusCode: 0, setHeader() {}, end: resolve } as unknown as ServerResponse;
    exporter.getMetricsRequestHandler({} as never, response);
  });
}

describe('docs/observability.md', () => {
  it('lists every metric, with its unit', () => {
    const listed = Object.fromEntries(
      rows(doc, '### Metrics').map(([name, unit]) => [code(name), code(unit)]),
    );
    const made: Record<string, string> = {};
    const note = (name: string, { unit = '' }: { unit?: string }): object => {
      made[name] = unit;
      return {};
    };
    createInstruments(
      new Proxy({} as never, {
        get: () => (name: string, options: { unit?: string }) => note(name, options),
      }),
    );
    expect(listed).toEqual(made);
  });

  it('names metrics and labels as the Prometheus exporter does', async () => {
    const text = await exported();
    const known = new Set([...text.matchAll(/\b[a-z_]+\b/g)].map(([word]) => word));
    const named = [...doc.matchAll(/\bverotrack_\w+/g)].map(([name]) => name);
    expect(named.length).toBeGreaterThan(20);
    for (const name of named) expect(known).toContain(name);
  });

  it('lists every channel', () => {
    const listed = rows(doc, '## Channels').map(([name]) => code(name));
    expect(listed).toEqual(Object.values(VERO_CHANNELS));
  });

  it.each([
    ['docs/observability.md', '## OpenTelemetry'],
    ['packages/opentelemetry/README.md', '## Options'],
  ])('and %s list every option, with its default', (file, heading) => {
    const listed = rows(read(file), heading).map(([name, standard]) => [
      code(name),
      standard?.replaceAll('`', ''),
    ]);
    const { enabled: _, ...others } = new VeroInstrumentation({ enabled: false }).getConfig();
    const defaults = { enabled: true, ...others };
    expect(Object.fromEntries(listed)).toEqual(
      Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, String(value)])),
    );
  });
});
