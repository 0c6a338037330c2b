import {
  type Meter,
  type MeterProvider,
  metrics,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { traceAttempts } from './attempt-spans.ts';
import { observeClients } from './client-metrics.ts';
import { countEvents } from './event-metrics.ts';
import { EventNames } from './event-names.ts';
import { createInstruments, type Instruments } from './instruments.ts';
import {
  type InstrumentationSettings,
  instrumentationSettings,
  type VeroInstrumentationConfig,
} from './options.ts';

const NAME = '@verotrack/opentelemetry';

/** Put in its place by the build. */
declare const PACKAGE_VERSION: string | undefined;
const VERSION: string = typeof PACKAGE_VERSION === 'string' ? PACKAGE_VERSION : '0.0.0';

/**
 * Metrics and traces of all clients and workers of the process, those included that were made before it. It patches nothing:
 * it subscribes to what they publish on `node:diagnostics_channel`.
 *
 * @example
 * new NodeSDK({ instrumentations: [new VeroInstrumentation()] }).start();
 */
// In the shape of an OpenTelemetry `Instrumentation`, but without the base class, all of which is for patching modules.
export class VeroInstrumentation {
  /** The name of the scope of its metrics and spans: `@verotrack/opentelemetry`. */
  readonly instrumentationName: string = NAME;
  /** The version of this package. */
  readonly instrumentationVersion: string = VERSION;
  #settings: InstrumentationSettings;
  #tracer: Tracer;
  #meter: Meter;
  #instruments: Instruments;
  #stopObserving: (() => void) | undefined;
  #stopSubscriptions: (() => void)[] = [];

  /** @throws {VeroError} `VERO_CONFIG` for a bad option */
  constructor(config: VeroInstrumentationConfig = {}) {
    this.#settings = instrumentationSettings(config);
    this.#tracer = trace.getTracer(NAME, VERSION);
    this.#meter = metrics.getMeter(NAME, VERSION);
    this.#instruments = createInstruments(this.#meter);
    if (this.#settings.enabled) this.enable();
  }

  /** Whether it has subscribed. */
  get #isOn(): boolean {
    return this.#stopSubscriptions.length > 0;
  }

  /** Begins to count and to trace. */
  enable(): void {
    if (this.#isOn) return;
    const names = new EventNames(this.#settings.maxEventNames);
    this.#stopSubscriptions = [countEvents(() => this.#instruments, names)];
    if (this.#settings.spans) this.#stopSubscriptions.push(traceAttempts(() => this.#tracer, names));
    this.#observe();
  }

  /** Ends all of it: nothing of it is left in the process. */
  disable(): void {
    for (const stop of this.#stopSubscriptions.splice(0)) stop();
    this.#stopObserving?.();
    this.#stopObserving = undefined;
  }

  /** From now on, spans go there. An SDK calls it. @default the global provider */
  setTracerProvider(provider: TracerProvider): void {
    this.#tracer = provider.getTracer(NAME, VERSION);
  }

  /** From now on, metrics go there. An SDK calls it. @default the global provider of when it was made */
  setMeterProvider(provider: MeterProvider): void {
    this.#stopObserving?.();
    this.#meter = provider.getMeter(NAME, VERSION);
    this.#instruments = createInstruments(this.#meter);
    if (this.#isOn) this.#observe();
  }

  /**
   * Takes other options, at once. With `enabled: false` it stops; what is off stays off until {@link VeroInstrumentation.enable}.
   *
   * @throws {VeroError} `VERO_CONFIG` for a bad option
   */
  setConfig(config: VeroInstrumentationConfig): void {
    this.#settings = instrumentationSettings(config);
    if (!this.#isOn) return;
    this.disable();
    if (this.#settings.enabled) this.enable();
  }

  /** The options, with every default in its place. */
  getConfig(): VeroInstrumentationConfig {
    return this.#settings;
  }

  #observe(): void {
    this.#stopObserving = observeClients(this.#meter, this.#instruments, this.#settings.queueCounts);
  }
}
