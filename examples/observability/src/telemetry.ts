// #region example
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { VeroInstrumentation } from '@verotrack/opentelemetry';

const sdk = new NodeSDK({
  instrumentations: [
    new HttpInstrumentation(), // a span for each request to the shop
    new UndiciInstrumentation(), // one for each request that it makes, those to Vero included
    new VeroInstrumentation(), // metrics, and a span for each attempt to deliver an event
  ],
});

sdk.start();
// #endregion
