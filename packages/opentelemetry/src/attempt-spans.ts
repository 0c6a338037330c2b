import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { type AttemptMessage, subscribe } from '@verotrack/core/diagnostics';
import {
  ATTEMPT,
  ERROR_TYPE,
  HTTP_STATUS,
  MESSAGING_DESTINATION,
  MESSAGING_MESSAGE_ID,
  MESSAGING_OPERATION_NAME,
  MESSAGING_OPERATION_TYPE,
  MESSAGING_SYSTEM,
  PROJECT,
  SERVER_ADDRESS,
  SERVER_PORT,
} from './attributes.ts';
import type { EventNames } from './event-names.ts';
import { fromTraceparent, toTraceparent } from './trace-context.ts';

/** Makes a span of each attempt to deliver an event, until the returned function is called. */
export function traceAttempts(tracer: () => Tracer, names: EventNames): () => void {
  const open = new Map<AttemptMessage, Span>();
  const ends = [
    subscribe('created', (message) => {
      message.trace ??= toTraceparent(trace.getSpanContext(context.active()));
    }),
    subscribe('attempt:start', (attempt) => {
      const parent = parentOf(attempt);
      const span = begin(tracer(), attempt, parent, names);
      open.set(attempt, span);
      // So that the span of the HTTP request, where somebody makes one, is below this one.
      attempt.runInside((send) => context.with(trace.setSpan(parent, span), send));
    }),
    subscribe('attempt:end', (attempt) => {
      const span = open.get(attempt);
      if (!span) return;
      open.delete(attempt);
      end(span, attempt);
    }),
  ];
  return () => {
    for (const stop of ends) stop();
    for (const span of open.values()) span.end();
  };
}

/**
 * What waited in a queue is sent when there is room, and nobody waits for it: its span is the root of a trace of its own. For
 * `send` somebody waits, in the trace of whom it is.
 */
function parentOf({ isQueued }: AttemptMessage): Context {
  return isQueued ? ROOT_CONTEXT : context.active();
}

function begin(tracer: Tracer, attempt: AttemptMessage, parent: Context, names: EventNames): Span {
  const { event, client, trace: made, isQueued } = attempt;
  const name = names.bounded(event.name);
  const { hostname, port, protocol } = new URL(attempt.url);
  const maker = isQueued ? fromTraceparent(made) : undefined;
  return tracer.startSpan(
    // As the messaging conventions name it: the operation, and where it goes.
    `send ${name ?? 'vero'}`,
    {
      kind: SpanKind.CLIENT,
      attributes: {
        [MESSAGING_SYSTEM]: 'vero',
        [MESSAGING_OPERATION_NAME]: 'send',
        [MESSAGING_OPERATION_TYPE]: 'send',
        ...(name === undefined ? {} : { [MESSAGING_DESTINATION]: name }),
        [MESSAGING_MESSAGE_ID]: event.eventId,
        [SERVER_ADDRESS]: hostname,
        [SERVER_PORT]: port ? Number(port) : protocol === 'http:' ? 80 : 443,
        [PROJECT]: client.project,
        [ATTEMPT]: attempt.attempt,
      },
      links: maker ? [{ context: maker }] : [],
    },
    parent,
  );
}

function end(span: Span, { end: result }: AttemptMessage): void {
  if (result?.status !== undefined) span.setAttribute(HTTP_STATUS, result.status);
  if (result?.failure !== undefined) {
    span.setAttribute(ERROR_TYPE, result.failure);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}
