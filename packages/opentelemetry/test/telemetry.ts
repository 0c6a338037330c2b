import { context, metrics, type Span, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import {
  type DataPoint,
  type Histogram,
  MeterProvider,
  type MetricData,
  MetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { afterEach } from 'vitest';
import { VeroInstrumentation, type VeroInstrumentationConfig } from '../src/index.ts';

class OnDemandReader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

export interface Point {
  readonly value: number | Histogram;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What an SDK has collected. */
export class Telemetry {
  readonly instrumentation: VeroInstrumentation;
  readonly tracerProvider: TracerProvider;
  readonly #spans = new InMemorySpanExporter();
  readonly #reader = new OnDemandReader();
  readonly #meterProvider: MeterProvider;

  /** A real SDK, as `NodeSDK` sets it up; it exports into memory, and is taken down after the test. */
  constructor(config: VeroInstrumentationConfig = {}) {
    this.tracerProvider = new TracerProvider({
      spanProcessors: [new SimpleSpanProcessor({ exporter: this.#spans })],
    });
    this.#meterProvider = new MeterProvider({ readers: [this.#reader] });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    this.instrumentation = new VeroInstrumentation(config);
    const unload = registerInstrumentations({
      instrumentations: [this.instrumentation],
      tracerProvider: this.tracerProvider,
      meterProvider: this.#meterProvider,
    });
    running.push(async () => {
      unload();
      await this.#meterProvider.shutdown();
      await this.tracerProvider.shutdown();
      context.disable();
      trace.disable();
      metrics.disable();
    });
  }

  get spans(): readonly ReadableSpan[] {
    return this.#spans.getFinishedSpans();
  }

  spanOf(eventId: unknown): ReadableSpan | undefined {
    return this.spans.find(({ attributes }) => attributes['messaging.message.id'] === eventId);
  }

  /** Runs `work` in a span, as a request is. */
  inSpan<T>(name: string, work: (span: Span) => T): T {
    const span = this.tracerProvider.getTracer('test').startSpan(name);
    try {
      return context.with(trace.setSpan(context.active(), span), () => work(span));
    } finally {
      span.end();
    }
  }

  async metrics(): Promise<readonly MetricData[]> {
    const { resourceMetrics, errors } = await this.#reader.collect();
    if (errors.length > 0) throw errors[0];
    return resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  }

  async points(metric: string): Promise<readonly Point[]> {
    const data = (await this.metrics()).find(({ descriptor }) => descriptor.name === metric);
    return ((data?.dataPoints ?? []) as DataPoint<number | Histogram>[]).map(({ value, attributes }) => ({
      value,
      attributes,
    }));
  }

  /** The sum over all attributes; of a histogram, how many values it has. */
  async total(metric: string): Promise<number> {
    const points = await this.points(metric);
    return points.reduce((sum, { value }) => sum + (typeof value === 'number' ? value : value.count), 0);
  }
}
