import type { Instrumentation } from '@opentelemetry/instrumentation';
import { subscribe, type VeroDiagnostics } from '@verotrack/core/diagnostics';
import { VeroInstrumentation } from '@verotrack/opentelemetry';

export const instrumentations: Instrumentation[] = [new VeroInstrumentation({ maxEventNames: 50 })];

export const stop: () => void = subscribe('dropped', ({ event, reason }: VeroDiagnostics['dropped']) => {
  console.error(`${event.name} was lost: ${reason}`);
});
