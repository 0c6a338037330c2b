import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createVero, type Vero } from '@verotrack/core';
import { declaredEvents } from '@verotrack/core/adapter';
import express from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ExpressTrackingOptions, expressTracking } from '../src/index.ts';

function client(): Vero {
  return createVero({ enabled: false, logger: () => {} });
}

function tracking(options?: ExpressTrackingOptions) {
  const vero = client();
  return { ...expressTracking(vero, options), declared: () => declaredEvents(vero) };
}

const lines = readFileSync(import.meta.filename, 'utf8').split('\n');
const lineOf = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1;

describe('a client knows what was declared with it', () => {
  it('with the place in the code', () => {
    const { trackEvent, trackEvents, declared } = tracking();
    trackEvent('viewed'); // alone
    trackEvents(['a', 'b'], () => null); // several
    expect(declared()).toMatchObject([
      { framework: 'express', names: ['viewed'], isChosen: false, callSite: { line: lineOf('// alone') } },
      { framework: 'express', names: ['a', 'b'], isChosen: true, callSite: { line: lineOf('// several') } },
    ]);
    for (const { callSite } of declared()) expect(callSite?.file).toBe(import.meta.filename);
  });

  it('with the name that its route was given', () => {
    const { trackEvent, declared } = tracking();
    trackEvent('viewed', { route: 'GET /cart' });
    expect(declared()).toMatchObject([{ route: 'GET /cart' }]);
  });

  it('with what makes it true, where that is not the default', () => {
    const { trackEvent, declared } = tracking();
    const yes = () => true;
    trackEvent('plain', { on: 'response' });
    trackEvent('full', { on: 'handled', methods: ['post'], when: yes, success: yes, unique: true });
    expect(declared().map(({ conditions }) => conditions)).toEqual([
      [],
      ['on: handled', 'methods: POST', 'success', 'when', 'unique: true'],
    ]);
  });

  it('with who says whose it is', () => {
    const identify = () => ({ id: 1 });
    const [alone, adapter] = [tracking(), tracking({ identify })];
    alone.trackEvent('of the scope');
    alone.trackEvent('of its own', { identify });
    adapter.trackEvent('of the adapter');
    adapter.trackEvent('of its own', { identify });
    expect(alone.declared().map((each) => each.identity)).toEqual(['scope', 'declaration']);
    expect(adapter.declared().map((each) => each.identity)).toEqual(['adapter', 'declaration']);
  });

  it('but not what was refused', () => {
    const { trackEvent, declared } = tracking();
    expect(() => trackEvent('viewed', { route: '' })).toThrow(
      'option "route" must be a string that is not empty',
    );
    expect(() => trackEvent('')).toThrow('name');
    expect(declared()).toEqual([]);
  });
});

it('a helper of the application that declares several is each of them', () => {
  const { trackEvent, declared } = tracking();
  const track = (name: string, when?: () => boolean) => trackEvent(name, { when });
  track('viewed');
  track('viewed', () => true);
  track('added');
  expect(declared().map(({ names, conditions }) => [...names, ...conditions])).toEqual([
    ['viewed'],
    ['viewed', 'when'],
    ['added'],
  ]);
});

describe('declaring in every request costs no memory', () => {
  it('one place in the code counts once', () => {
    const { trackEvent, declared } = tracking();
    for (let request = 0; request < 10_000; request++) trackEvent('viewed');
    expect(declared()).toHaveLength(1);
  });

  it('and there is a limit to places', () => {
    const { trackEvent, declared } = tracking();
    for (let request = 0; request < 6_000; request++) trackEvent('viewed', { route: `GET /${request}` });
    expect(declared()).toHaveLength(5_000);
  });
});

describe('a stack that tells nothing', () => {
  it.each<[string, () => unknown]>([
    [
      'prepareStackTrace that throws',
      () => {
        throw new Error('no stack');
      },
    ],
    ['prepareStackTrace that gives something else', () => 42],
    ['code that was evaluated', () => 'Error\n    at eval (eval at run (/app.js:1:2), <anonymous>:1:1)'],
    ["Node's own frame", () => 'Error\n    at node:internal/main:1:2'],
  ])('costs nothing but the place: %s', (_name, prepareStackTrace) => {
    const { trackEvent, declared } = tracking();
    const { stackTraceLimit, prepareStackTrace: before } = Error;
    onTestFinished(() => {
      Error.prepareStackTrace = before;
    });
    Error.prepareStackTrace = prepareStackTrace;
    trackEvent('viewed');
    Error.prepareStackTrace = before;
    expect(declared()).toMatchObject([{ names: ['viewed'], callSite: undefined }]);
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });

  it.each([
    ['    at createApp (/app/src/app.ts:12:3)', '/app/src/app.ts', 12],
    ['    at /app/src/my (new) app.ts:12:3', '/app/src/my (new) app.ts', 12],
    ['    at Object.get [as app] (file:///app/src/my%20app.ts:7:1)', '/app/src/my app.ts', 7],
    ['    at async file:///app/src/app.ts:7:1', '/app/src/app.ts', 7],
    ['    at new App (C:\\app\\src\\app.ts:3:1)', 'C:\\app\\src\\app.ts', 3],
  ])('is read in each of its forms: %s', (frame, file, line) => {
    const { trackEvent, declared } = tracking();
    const before = Error.prepareStackTrace;
    onTestFinished(() => {
      Error.prepareStackTrace = before;
    });
    Error.prepareStackTrace = () => `Error\n${frame}`;
    trackEvent('viewed');
    Error.prepareStackTrace = before;
    expect(declared()[0]?.callSite).toEqual({ file, line });
  });
});

it('what is told of an event names the route as the plan does', async () => {
  const vero = client();
  const { trackEvent } = expressTracking(vero);
  const app = express();
  app.get('/cart/:id', trackEvent('viewed', { route: 'GET /cart' }), (_req, res) => void res.send('cart'));
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const skipped = new Promise((resolve) => {
    vero.on('skipped', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await fetch(`http://127.0.0.1:${port}/cart/7`);
  expect(await skipped).toMatchObject({ name: 'viewed', reason: 'no-identity', route: 'GET /cart' });
});
