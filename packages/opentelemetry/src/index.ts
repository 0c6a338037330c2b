/**
 * OpenTelemetry metrics and traces of clients and workers.
 *
 * @packageDocumentation
 */
export { VeroInstrumentation } from './instrumentation.ts';
export type { VeroInstrumentationConfig } from './options.ts';
