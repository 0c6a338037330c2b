import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { Vero } from '@verotrack/core';
import { type Inspector, startInspector } from '@verotrack/inspector';
import { VERO } from '@verotrack/nestjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listen } from '../../test-helpers/listen.ts';

let inspector: Inspector;
const ends: (() => unknown)[] = [];

beforeEach(async () => {
  inspector = await startInspector({ port: 0 });
  process.env.VERO_BASE_URL = inspector.url;
  process.env.VERO_AUTH_TOKEN = 'tok_secret_of_health';
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await inspector.close();
});

async function paused(vero: Vero): Promise<void> {
  vero.on('dropped', () => {});
  inspector.fail({ status: 401 });
  const pause = new Promise((resolve) => vero.on('paused', resolve));
  vero.track('viewed', { identity: { id: '42' } });
  await pause;
}

const get = async (url: string): Promise<{ status: number; body: unknown }> => {
  const answer = await fetch(url);
  return { status: answer.status, body: await answer.json() };
};

test('a server whose tracking is paused is ready, and says that it is degraded', async () => {
  const { app, vero } = await import('../src/health-express.ts');
  ends.push(() => vero.close({ timeout: 0 }));
  const url = await listen(app);
  expect(await get(`${url}/ready`)).toEqual({
    status: 200,
    body: { status: 'ok', tracking: { ok: true, reasons: [], pending: 0 } },
  });
  await paused(vero);
  expect(await get(`${url}/ready`)).toEqual({
    status: 200,
    body: {
      status: 'degraded',
      tracking: { ok: false, reasons: ['delivery is paused: unauthorized'], pending: 1 },
    },
  });
  expect(await get(`${url}/live`)).toMatchObject({ status: 200 });
});

test('Terminus knows it as degraded, with 200', async () => {
  const { AppModule } = await import('../src/health-nest.ts');
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  ends.push(() => app.close());
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  expect(await get(`${url}/health/ready`)).toMatchObject({
    status: 200,
    body: { status: 'ok', details: { tracking: { status: 'up', pending: 0 } } },
  });
  await paused(app.get<Vero>(VERO));
  expect(await get(`${url}/health/ready`)).toMatchObject({
    status: 200,
    body: {
      status: 'degraded',
      details: {
        tracking: { status: 'degraded', pending: 1, reasons: ['delivery is paused: unauthorized'] },
      },
    },
  });
  expect(await get(`${url}/health/live`)).toMatchObject({ status: 200 });
});
