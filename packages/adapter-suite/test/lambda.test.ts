import { createRequire } from 'node:module';
import serverlessExpress from '@codegenie/serverless-express';
import { createVero, pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import { startInspector } from '@verotrack/inspector';
import express from 'express';
import { expect, it } from 'vitest';
import { TOKEN } from '../src/bench.ts';
import { readUser } from '../src/hosts/express.ts';

const express4 = createRequire(import.meta.url)('express-4') as typeof express;

type Handler = (event: object, context: object) => Promise<unknown>;

// Its types say that the default export is a module.
const serve = serverlessExpress as unknown as (options: { readonly app: unknown }) => Handler;

/** What API Gateway gives a function. */
const eventFor = (path: string) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: path,
  rawQueryString: '',
  headers: { host: 'example.com', 'x-user': '42' },
  requestContext: {
    http: { method: 'POST', path, sourceIp: '192.0.2.1', protocol: 'HTTP/1.1' },
    domainName: 'example.com',
    stage: '$default',
  },
  isBase64Encoded: false,
  body: '',
});

// There is no connection there, only a response that stands in for one, and a process that is frozen after it.
it.each([
  ['Express 5', express],
  ['Express 4', express4],
])(
  'on AWS Lambda, %s emits the event of what succeeded before the function is frozen',
  async (_name, framework) => {
    const inspector = await startInspector();
    const held: Promise<void>[] = [];
    const vero = createVero({
      authToken: TOKEN,
      baseUrl: inspector.url,
      preset: 'serverless',
      waitUntil: (promise) => void held.push(promise),
    });
    const { trackEvent } = expressTracking(vero, {
      identify: ({ req }) => pickIdentity(req.user, ['id', 'email']),
    });
    const app = framework();
    app.post('/buy', readUser, trackEvent('bought'), (_req, res) => void res.json({ done: true }));
    app.post('/fail', readUser, trackEvent('failed'), (_req, res) => void res.status(409).end());
    const handler = serve({ app });
    expect(await handler(eventFor('/buy'), {})).toMatchObject({ statusCode: 200, body: '{"done":true}' });
    expect(await handler(eventFor('/fail'), {})).toMatchObject({ statusCode: 409 });
    expect(held).toHaveLength(2);
    await Promise.all(held);
    expect(inspector.events().map(({ name, identity }) => [name, identity.id])).toEqual([['bought', '42']]);
    expect(vero.stats()).toMatchObject({ deferred: 0, openScopes: 0, skipped: { failure: 1 } });
    await vero.close();
    await inspector.close();
  },
);
