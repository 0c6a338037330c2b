import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { classifyFailure } from '../src/delivery/classify.ts';
import { threadTransport } from '../src/thread.ts';
import type { ToThread } from '../src/thread-messages.ts';
import { JANE, makeClient, TOKEN } from './clients.ts';
import { fakeVero } from './fake-vero.ts';
import { runScript } from './run-script.ts';
import { closing, requestTo } from './transports.ts';

const event = { identity: JANE };

/** The thread that is started next. */
const nextThread = async (): Promise<Worker> => (await once(process, 'worker'))[0] as Worker;

const failureOf = (sending: Promise<unknown>): Promise<Error> =>
  sending.then(
    () => expect.unreachable('it was answered'),
    (thrown: Error) => thrown,
  );

/** Watches what the host posts to threads from now on. */
function posted(): () => ToThread[] {
  const spy = vi.spyOn(Worker.prototype, 'postMessage');
  return () => spy.mock.calls.map(([message]) => message as ToThread);
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the thread', () => {
  it('is started at the first send, once', async () => {
    const server = await fakeVero();
    let threads = 0;
    const count = (): void => void threads++;
    process.on('worker', count);
    const transport = closing(threadTransport());
    expect(threads).toBe(0);
    await Promise.all([transport.send(requestTo(server.url)), transport.send(requestTo(server.url))]);
    await transport.send(requestTo(server.url));
    process.off('worker', count);
    expect(threads).toBe(1);
  });

  it('that dies gives back what it held, as events that Vero may have, and the next send starts another', async () => {
    const server = await fakeVero('hang');
    const transport = closing(threadTransport());
    const starting = nextThread();
    const sending = [1, 2, 3].map(() => failureOf(transport.send(requestTo(server.url))));
    const thread = await starting;
    await server.received(3);
    await thread.terminate();
    for (const failure of await Promise.all(sending)) {
      expect(failure.message).toContain('the sending thread ended');
      expect(classifyFailure(failure)).toEqual({ kind: 'retry', ambiguous: true });
    }
    server.answer(200);
    expect(await transport.send(requestTo(server.url))).toEqual({ status: 200 });
  });

  it('that dies under a client costs each event an attempt, and none is lost', async () => {
    const server = await fakeVero('hang');
    const starting = nextThread();
    const { vero, told } = makeClient({
      baseUrl: server.url,
      transport: threadTransport(),
      // Also when a busy machine takes long to start another thread.
      delivery: { timeoutMs: 20_000, retry: { baseMs: 1, maxMs: 20 } },
    });
    for (let n = 0; n < 5; n++) vero.track('n', event);
    const thread = await starting;
    await server.received(5);
    server.answer(200);
    await thread.terminate();
    expect(await vero.flush()).toMatchObject({ delivered: 5, pending: 0 });
    expect(vero.stats().retries).toBe(5);
    expect(told.retrying[0]?.error.message).toContain('the sending thread ended');
  });

  it('that can not start says so at each send, and nothing of its event was sent', async () => {
    // As when an application is bundled: the thread's file is not there.
    const bundled = await mkdtemp(join(tmpdir(), 'verotrack-'));
    await cp(join(import.meta.dirname, '../src'), bundled, { recursive: true });
    await rm(join(bundled, 'thread-worker.ts'));
    const { threadTransport: broken } = (await import(
      /* @vite-ignore */ pathToFileURL(join(bundled, 'thread.ts')).href
    )) as typeof import('../src/thread.ts');
    const transport = closing(broken());
    for (let attempt = 0; attempt < 2; attempt++) {
      const failure = await failureOf(transport.send(requestTo('http://127.0.0.1:1')));
      expect(failure.message).toContain('the sending thread could not start: Cannot find module');
      expect(failure.message).toContain('leave @verotrack/core out of the bundle');
      expect(classifyFailure(failure)).toEqual({ kind: 'retry', ambiguous: false });
    }
    await rm(bundled, { recursive: true });
  });

  it('does not start with the flags and hooks of the host', async () => {
    vi.stubEnv('NODE_OPTIONS', '--import=file:///nowhere/hook.mjs');
    const server = await fakeVero();
    const sending = closing(threadTransport()).send(requestTo(server.url));
    vi.unstubAllEnvs();
    expect(await sending).toEqual({ status: 200 });
  });
});

describe('what crosses to the thread', () => {
  it('is one message for all that is sent in one turn of the event loop', async () => {
    const server = await fakeVero();
    const messages = posted();
    const transport = closing(threadTransport());
    // As the engine does: the URL and the headers are the same every time.
    const request = requestTo(server.url);
    await Promise.all(Array.from({ length: 20 }, () => transport.send(request)));
    const batches = messages().filter(({ kind }) => kind === 'send');
    expect(batches.map((batch) => 'bodies' in batch && batch.bodies.length)).toEqual([20]);
  });

  it('is the credential once, and again when it is another', async () => {
    const server = await fakeVero();
    const messages = posted();
    const transport = closing(threadTransport());
    const other = 'tok_secret_after_rotation';
    const request = requestTo(server.url);
    await Promise.all([transport.send(request), transport.send(request)]);
    await Promise.all([transport.send(request), transport.send({ ...request, credential: other })]);
    await transport.send({ ...request, credential: other });
    expect(messages().map(({ kind }) => kind)).toEqual([
      'credential',
      'target',
      'send',
      'send',
      'credential',
      'send',
      'send',
    ]);
    const others = messages().filter(({ kind }) => kind !== 'credential');
    expect(JSON.stringify(others).includes('tok_secret_')).toBe(false);
    const tokens = server.requests.map(({ body }) => body.auth_token as string);
    expect(tokens.filter((token) => token === TOKEN).length).toBe(3);
    expect(tokens.filter((token) => token === other).length).toBe(2);
  });

  it('is the time limit of each attempt', async () => {
    const server = await fakeVero('hang');
    const transport = closing(threadTransport());
    const request = requestTo(server.url);
    const sending = [60, 90].map((timeoutMs) => failureOf(transport.send({ ...request, timeoutMs })));
    expect((await Promise.all(sending)).map(({ message }) => message)).toEqual([
      expect.stringContaining('within 60 ms'),
      expect.stringContaining('within 90 ms'),
    ]);
  });

  it('comes back as it went: every event gets its own answer', async () => {
    const server = await fakeVero(({ body }) => ({ status: body.status as number, body: String(body.n) }));
    const transport = closing(threadTransport());
    const statuses = Array.from({ length: 60 }, (_, n) => [200, 400, 503][n % 3] as number);
    const answers = await Promise.all(
      statuses.map((status, n) =>
        transport.send(requestTo(server.url, { body: JSON.stringify({ status, n }) })),
      ),
    );
    expect(answers).toEqual(
      statuses.map((status, n) => (status === 200 ? { status } : { status, message: String(n) })),
    );
  });
});

describe('a script with a thread transport', () => {
  const run = (ending: string, url: string, timeoutMs = 10_000): Promise<unknown[]> =>
    runScript('thread-script.ts', [ending, timeoutMs], url);

  it('ends by itself when it closes', async () => {
    const server = await fakeVero();
    expect(await run('close', server.url)).toMatchObject([{ delivered: 1, pending: 0 }]);
  });

  it('ends by itself when what is under way has ended: the idle thread does not hold it', async () => {
    const server = await fakeVero();
    expect(await run('nothing', server.url)).toEqual([]);
    expect(server.names).toEqual(['script_ran']);
  });

  it('ends by itself when Vero never answers, after the time of an attempt', async () => {
    const server = await fakeVero('hang');
    expect(await run('nothing', server.url, 300)).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });
});
