import { Agent } from 'undici';
import { describe, expect, it } from 'vitest';
import { kyTransport, undiciTransport } from '../src/index.ts';
import { threadTransport } from '../src/thread.ts';
import { expectNoCredential, TOKEN } from './clients.ts';
import { fakeVero } from './fake-vero.ts';
import { closing, requestTo } from './transports.ts';

describe.each([
  ['kyTransport', kyTransport],
  ['undiciTransport', undiciTransport],
])('%s', (_name, newTransport) => {
  it('sends through a dispatcher that it was given, and leaves it open', async () => {
    const server = await fakeVero();
    const dispatcher = new Agent({ connections: 1 });
    const transport = newTransport({ dispatcher });
    await transport.send(requestTo(server.url));
    await transport.close?.();
    expect(dispatcher.destroyed).toBe(false);
    await dispatcher.close();
    expect(server.requests).toHaveLength(1);
  });

  it('rejects when the dispatcher that it was given is closed', async () => {
    const dispatcher = new Agent();
    await dispatcher.close();
    await expect(newTransport({ dispatcher }).send(requestTo('http://127.0.0.1:1'))).rejects.toThrow();
  });
});

describe('kyTransport', () => {
  it('shows its hooks the request without the body, and sends what they add', async () => {
    const server = await fakeVero([{ status: 500, body: 'broken' }, 200]);
    const seen: { url: string; body: string; headers: Headers }[] = [];
    const answers: unknown[] = [];
    const transport = closing(
      kyTransport({
        ky: {
          headers: { 'x-shop': 'blue', 'content-type': 'text/plain' },
          hooks: {
            beforeRequest: [
              async ({ request: { url, headers }, request: made }) => {
                seen.push({ url, headers, body: await made.clone().text() });
                made.headers.set('x-trace', 't-1');
              },
            ],
            afterResponse: [
              async ({ response }) =>
                void answers.push([response instanceof Response, response.status, await response.text()]),
            ],
          },
        },
      }),
    );
    expect(await transport.send(requestTo(server.url))).toEqual({ status: 500, message: 'broken' });
    expect(await transport.send(requestTo(server.url))).toEqual({ status: 200 });
    expect(seen.map(({ body }) => body)).toEqual(['', '']);
    expectNoCredential(seen, [...(seen[0]?.headers ?? [])]);
    expect(answers).toEqual([
      [true, 500, 'broken'],
      [true, 200, '{"status":200}'],
    ]);
    const [{ headers, body } = { headers: {}, body: undefined }] = server.requests;
    expect(headers).toMatchObject({ 'x-shop': 'blue', 'x-trace': 't-1', 'content-type': 'application/json' });
    expect(body.auth_token === TOKEN).toBe(true);
  });

  it('sends headers of its own without hooks, too', async () => {
    const server = await fakeVero();
    const headers = { 'x-shop': 'blue', 'content-type': 'text/plain' };
    await closing(kyTransport({ ky: { headers } })).send(requestTo(server.url));
    expect(server.requests[0]?.headers).toMatchObject({
      'x-shop': 'blue',
      'content-type': 'application/json',
    });
  });

  it('sends where its options say', async () => {
    const server = await fakeVero();
    await closing(kyTransport({ ky: { searchParams: { via: 'ky' } } })).send(requestTo(server.url));
    expect(server.requests[0]?.url).toBe('/api/v2/events/track?via=ky');
  });

  it('with hooks, rejects when its signal is aborted, before and during the attempt', async () => {
    const server = await fakeVero('hang');
    const transport = closing(kyTransport({ ky: { hooks: { beforeRequest: [() => {}] } } }));
    const early = AbortSignal.abort(new Error('too late'));
    await expect(transport.send(requestTo(server.url, { signal: early }))).rejects.toThrow();
    const controller = new AbortController();
    const sending = transport.send(requestTo(server.url, { signal: controller.signal }));
    const rejected = expect(sending).rejects.toThrow();
    await server.received(1);
    controller.abort(new Error('enough'));
    await rejected;
    await server.requests[0]?.abandoned;
    expect(server.requests).toHaveLength(1);
  });
});

describe('the options of a transport', () => {
  it.each([
    ['kyTransport', 'ky', () => kyTransport({ ky: 7 as never })],
    ['undiciTransport', 'connections', () => undiciTransport({ connections: 0 })],
    ['threadTransport', 'connections', () => threadTransport({ connections: 1.5 })],
  ])('of %s are checked: %s', (where, name, call) => {
    expect(call).toThrow(`${where}: option "${name}"`);
  });

  it('do not give a dispatcher to a thread', () => {
    const options = { dispatcher: new Agent() } as never;
    expect(() => threadTransport(options)).toThrow('threadTransport: unknown option "dispatcher"');
  });
});
