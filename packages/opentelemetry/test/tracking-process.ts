// A process that tracks an event in a span, while nobody can take it, and ends. It prints the span.
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { createVero } from '@verotrack/core';
import { sqliteQueue } from '@verotrack/sqlite';
import { VeroInstrumentation } from '../src/index.ts';

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
new VeroInstrumentation();
const span = new TracerProvider().getTracer('test').startSpan('request');
const vero = createVero({
  authToken: 'tok_secret_of_a_process',
  queue: sqliteQueue({ path: process.argv[2] ?? '' }),
  transport: { send: () => Promise.reject(new Error('nobody is there')) },
  logger: () => {},
});
context.with(trace.setSpan(context.active(), span), () =>
  vero.track('tracked_before', { identity: { id: '42' }, eventId: 'event-of-the-past' }),
);
await vero.close({ timeout: 0 });
const { traceId, spanId } = span.spanContext();
console.log(JSON.stringify({ traceId, spanId }));
