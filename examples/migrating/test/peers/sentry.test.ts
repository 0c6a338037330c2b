/** What docs/comparison.md says of it, as far as it can be caused: fails when a new version does otherwise. */
import { createEnvelope, createTransport, type EventEnvelope } from '@sentry/core';
import { describe, expect, test } from 'vitest';

describe('@sentry/core', () => {
  const envelope = () => createEnvelope<EventEnvelope>({} as EventEnvelope[0], [[{ type: 'event' }, {}]]);

  /** A transport whose requests are answered by the test, with what it counted as dropped. */
  function transport(answer: {
    readonly statusCode: number;
    readonly headers?: Record<string, string | null>;
  }) {
    const dropped: string[] = [];
    const requests: (() => void)[] = [];
    const sender = createTransport(
      { bufferSize: 1, recordDroppedEvent: (reason) => dropped.push(reason) },
      () => new Promise((resolve) => requests.push(() => resolve(answer as never))),
    );
    return { sender, dropped, requests };
  }

  test('counts what its full buffer drops, says whether a flush was in time, and tries nothing again', async () => {
    const { sender, dropped, requests } = transport({ statusCode: 503 });
    const sent = [sender.send(envelope()), sender.send(envelope())];
    expect(dropped).toEqual(['queue_overflow']);
    expect(await sender.flush(1)).toBe(false);
    requests[0]?.();
    await Promise.all(sent);
    expect(await sender.flush(1)).toBe(true);
    expect(requests).toHaveLength(1);
  });

  test('drops and counts what comes while it was asked for silence', async () => {
    const { sender, dropped, requests } = transport({ statusCode: 429, headers: { 'retry-after': '60' } });
    const first = sender.send(envelope());
    requests[0]?.();
    await first;
    await sender.send(envelope());
    expect(dropped).toEqual(['ratelimit_backoff']);
    expect(requests).toHaveLength(1);
  });
});
