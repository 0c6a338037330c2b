import diagnosticsChannel from 'node:diagnostics_channel';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as newestApi from '@opentelemetry/api';
import * as oldestApi from '@opentelemetry/api-1.9';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import { VERO_CHANNELS } from '@verotrack/core/diagnostics';
import { describe, expect, expectTypeOf, it } from 'vitest';
import * as attributes from '../src/attributes.ts';
import { VeroInstrumentation, type VeroInstrumentationConfig } from '../src/index.ts';
import { fromTraceparent, toTraceparent } from '../src/trace-context.ts';

const subscribed = (): string[] =>
  Object.values(VERO_CHANNELS).filter((name) => diagnosticsChannel.hasSubscribers(name));

describe('VeroInstrumentation', () => {
  it('is an instrumentation as OpenTelemetry knows it', () => {
    expectTypeOf<VeroInstrumentation>().toExtend<Instrumentation>();
  });

  it.each([
    [{ enabled: 'yes' }, 'VeroInstrumentation: option "enabled" must be true or false, not a string'],
    [
      { maxEventNames: -1 },
      'VeroInstrumentation: option "maxEventNames" must be a whole number, at least 0, not -1',
    ],
    [{ span: true }, 'VeroInstrumentation: unknown option "span". Did you mean "spans"?'],
    [null, 'VeroInstrumentation: its options must be an object'],
  ])('refuses %j', (config, message) => {
    const given = config as VeroInstrumentationConfig;
    expect(() => new VeroInstrumentation(given)).toThrow(
      expect.objectContaining({ code: 'VERO_CONFIG', message }),
    );
  });

  it('uses nothing of the API that its oldest version lacks', () => {
    const files = readdirSync(join(import.meta.dirname, '../src'));
    const imports = files.flatMap((file) => {
      const source = readFileSync(join(import.meta.dirname, '../src', file), 'utf8');
      return [...source.matchAll(/import \{([^}]*)\} from '@opentelemetry\/api'/g)].flatMap(
        ([, names = '']) => names.split(',').map((name) => name.trim()),
      );
    });
    const values = imports.filter((name) => name !== '' && !name.startsWith('type '));
    expect(values).toContain('SpanKind');
    for (const name of values) {
      expect(newestApi).toHaveProperty(name);
      expect(oldestApi).toHaveProperty(name);
    }
  });

  it('has every default in its options', () => {
    const { enabled, ...config } = new VeroInstrumentation({ enabled: false }).getConfig();
    expect(enabled).toBe(false);
    expect(config).toEqual({ spans: true, maxEventNames: 200, queueCounts: false });
  });

  it('subscribes only while it is enabled, and without spans asks for no trace', () => {
    const instrumentation = new VeroInstrumentation({ enabled: false });
    expect(subscribed()).toEqual([]);
    instrumentation.enable();
    expect(subscribed()).toContain('verotrack:created');
    instrumentation.setConfig({ spans: false });
    expect(subscribed()).toContain('verotrack:accepted');
    expect(subscribed()).not.toContain('verotrack:created');
    instrumentation.disable();
    expect(subscribed()).toEqual([]);
  });

  it('stops when its options say so, and takes what it stays off with', () => {
    const instrumentation = new VeroInstrumentation();
    instrumentation.setConfig({ enabled: false });
    expect(subscribed()).toEqual([]);
    expect(instrumentation.getConfig()).toMatchObject({ enabled: false });
    instrumentation.setConfig({ spans: false });
    expect(subscribed()).toEqual([]);
    instrumentation.enable();
    expect(subscribed()).toContain('verotrack:accepted');
    expect(subscribed()).not.toContain('verotrack:created');
    instrumentation.disable();
  });

  it('inherits no option', () => {
    Object.defineProperty(Object.prototype, 'queueCounts', { value: true, configurable: true });
    try {
      expect(new VeroInstrumentation({ enabled: false }).getConfig()).toMatchObject({ queueCounts: false });
    } finally {
      Reflect.deleteProperty(Object.prototype, 'queueCounts');
    }
  });
});

describe('names of attributes', () => {
  it('are those of the conventions, where there are any', () => {
    const known = new Set(Object.values(conventions));
    const ours = Object.values(attributes).filter((name) => !name.startsWith('verotrack.'));
    expect(ours.length).toBeGreaterThan(8);
    for (const name of ours) expect(known).toContain(name);
  });
});

describe('a traceparent', () => {
  const text = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };

  it('is read as it was written', () => {
    expect(toTraceparent(span)).toBe(text);
    expect(fromTraceparent(text)).toEqual({ ...span, isRemote: true });
  });

  it.each([
    undefined,
    '',
    'nonsense',
    text.replace('00-', 'ff-'),
    text.replace(span.traceId, '0'.repeat(32)),
    `${text}01`,
  ])('is none: %s', (none) => {
    expect(fromTraceparent(none)).toBeUndefined();
  });

  it('is not made of no span', () => {
    expect(toTraceparent(undefined)).toBeUndefined();
    expect(toTraceparent({ ...span, spanId: '0'.repeat(16) })).toBeUndefined();
  });
});
