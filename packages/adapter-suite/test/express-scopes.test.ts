import { AsyncLocalStorage } from 'node:async_hooks';
import { expressTracking } from '@verotrack/express';
import express from 'express';
import { describe, expect, it } from 'vitest';
import { message, sendAll } from '../src/app.ts';
import { readUser } from '../src/hosts/express.ts';
import { expectOutcome } from '../src/suite.ts';
import { frameworks, servedBy, trackingOf } from './express-app.ts';

describe.each(frameworks)('%s', (_name, framework) => {
  const withExpress = servedBy(framework);

  it('asks who it was, at the end, in the context of that request', async () => {
    const session = new AsyncLocalStorage<{ user?: string; tenant: string }>();
    const tenants: unknown[] = [];
    let release = (): void => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    await withExpress(
      (app, vero) => {
        const { requestScope, trackEvent } = expressTracking(vero, {
          identify: () => {
            const id = session.getStore()?.user;
            return id === undefined ? undefined : { id, email: `${id}@example.com` };
          },
          attributes: {
            load: ({ id }) => {
              tenants.push([id, session.getStore()?.tenant]);
              return {};
            },
          },
        });
        app.use((req, _res, next) => session.run({ tenant: req.path }, next), requestScope());
        const login = (id: string): void => void Object.assign(session.getStore() ?? {}, { user: id });
        const tenant = trackEvent('tenant', {
          identify: () => ({ id: '42', email: '42@example.com' }),
          data: () => ({ tenant: session.getStore()?.tenant, who: vero.identity()?.id }),
        });
        app.get('/jane', tenant, async (_req, res) => {
          await slow;
          vero.trackOnSuccess('jane');
          login('jane');
          res.end('of jane');
        });
        app.get('/nobody', tenant, (_req, res) => {
          vero.trackOnSuccess('nobody');
          res.end('of nobody');
          release();
        });
      },
      async (bench) => {
        const connection = await bench.connect();
        // The answer to nobody waits for the one to Jane, and both end with hers.
        connection.writeMessages(message('GET', '/jane'), message('GET', '/nobody'));
        await connection.received('of nobody');
        await bench.settle();
        expectOutcome(bench, {
          events: [
            { name: 'jane', by: 'jane' },
            { name: 'tenant', by: '42', data: { tenant: '/jane', who: 'jane' } },
            { name: 'tenant', by: '42', data: { tenant: '/nobody' } },
          ],
          skipped: ['nobody: no-identity'],
        });
        // Whose attributes are loaded first is nobody's business.
        expect(tenants.toSorted()).toEqual([
          ['42', '/jane'],
          ['jane', '/jane'],
        ]);
      },
    );
  });

  it('has a scope in every declared route, and one everywhere after requestScope', async () => {
    await withExpress(
      (app, vero) => {
        const { trackEvent, requestScope } = trackingOf(vero);
        app.use(readUser);
        app.get('/declared', trackEvent('bought'), (_req, res) => {
          vero.trackOnSuccess('done');
          res.end();
        });
        app.get('/outside', (_req, res) => {
          vero.trackOnSuccess('lost');
          res.end();
        });
        app.use(requestScope());
        app.get('/inside', (_req, res) => {
          vero.trackOnSuccess('found');
          res.end();
        });
      },
      async (bench) => {
        await sendAll(bench, ...['/declared', '/outside', '/inside'].map((path) => message('GET', path)));
        await bench.settle();
        const names = ['bought', 'done', 'found'];
        expectOutcome(bench, {
          events: names.map((name) => ({ name, by: '42' })),
          skipped: ['lost: no-scope'],
        });
      },
    );
  });

  it('has no scope left over from a request before it, though that came in the same piece', async () => {
    await withExpress(
      (app, vero) => {
        const { requestScope } = trackingOf(vero);
        app.get('/outside', (_req, res) => {
          vero.trackOnSuccess('lost');
          res.end(`who: ${vero.identity()?.id}`);
        });
        app.get('/inside', readUser, requestScope(), (_req, res) => void res.end());
      },
      async (bench) => {
        const connection = await bench.connect();
        connection.writeMessages(message('GET', '/inside'), message('GET', '/outside'));
        await connection.received('who: undefined');
        await bench.settle();
        expectOutcome(bench, { events: [], skipped: ['lost: no-scope'] });
      },
    );
  });

  it('asks who it is again at a declaration, as the scope may have begun before the session', async () => {
    await withExpress(
      (app, vero) => {
        const { trackEvent, requestScope } = trackingOf(vero);
        app.use(requestScope(), readUser);
        app.post('/logout', trackEvent('logged_out'), (req, res) => {
          req.user = undefined;
          res.end();
        });
      },
      async (bench) => {
        await sendAll(bench, message('POST', '/logout'));
        await bench.settle();
        expectOutcome(bench, { events: [{ name: 'logged_out', by: '42' }] });
      },
    );
  });

  it('keeps the users of one connection apart', async () => {
    await withExpress(
      (app, vero) => {
        app.use(readUser, trackingOf(vero).requestScope());
        app.get('/', (_req, res) => {
          vero.track('seen');
          res.json({ who: vero.identity()?.id });
        });
      },
      async (bench) => {
        const answers = await sendAll(bench, ...['1', '2', null, '3'].map((as) => message('GET', '/', as)));
        expect(answers.map(({ result }) => (result as { who?: string }).who)).toEqual([
          '1',
          '2',
          undefined,
          '3',
        ]);
        await bench.settle();
        expectOutcome(bench, {
          events: ['1', '2', '3'].map((by) => ({ name: 'seen', by })),
          skipped: ['seen: no-identity'],
        });
      },
    );
  });

  it('leaves the response as it was: no wrapped method, and no listener when it is over', async () => {
    const left: Record<string, object> = {};
    await withExpress(
      (app, vero) => {
        const { trackEvent, requestScope } = trackingOf(vero);
        const watched: express.RequestHandler = (req, res) => {
          const own = ['write', 'end', 'writeHead'].filter((name) => Object.hasOwn(res, name));
          res.on('close', () =>
            setImmediate(() => {
              const counts = ['finish', 'close', 'error'].map((name) => [name, res.listenerCount(name)]);
              left[req.path] = { own, counts, onSocket: req.socket.listenerCount('close') };
            }),
          );
          res.end();
        };
        app.get('/plain', watched);
        app.get('/tracked', readUser, requestScope(), trackEvent('bought'), trackEvent('sold'), watched);
      },
      async (bench) => {
        await sendAll(bench, message('GET', '/plain'), message('GET', '/tracked'));
        await bench.settle();
      },
    );
    expect(left['/tracked']).toMatchObject({ own: [] });
    // One listener a connection, however many requests come over it.
    expect(left['/tracked']).toEqual({ ...left['/plain'], onSocket: expect.any(Number) });
  });
});
