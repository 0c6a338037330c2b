export { VeroInstrumentation } from './instrumentation.ts';
export type { VeroInstrumentationConfig } from './options.ts';
