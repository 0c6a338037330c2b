// `src/telemetry.ts`, as it is written in a CommonJS application.
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { VeroInstrumentation } = require('@verotrack/opentelemetry');

new NodeSDK({
  instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation(), new VeroInstrumentation()],
}).start();
