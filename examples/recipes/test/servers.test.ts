import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteQueue } from '@verotrack/sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { Child } from '../../test-helpers/child.ts';
import { localVero } from '../../test-helpers/local-vero.ts';
import { inImage } from './deploy-files.ts';

const vero = localVero();

const LISTENS = /Process (\d+) listens at .*"port":(\d+)/g;

/** Starts a program, and waits until so many processes listen. */
async function start(file: string, env: NodeJS.ProcessEnv = {}, processes = 1) {
  const child = new Child(`recipes/src/servers/${file}`, { PORT: '0', ...env });
  await child.printed(new RegExp(`(?:${LISTENS.source}[^]*){${processes}}`));
  const found = [...child.output.matchAll(LISTENS)];
  return { child, url: `http://127.0.0.1:${found[0]?.[2]}`, pids: found.map(([, pid]) => Number(pid)) };
}

/** @returns the id of the order that was answered */
async function order(url: string): Promise<string> {
  const response = await fetch(`${url}/orders`, {
    method: 'POST',
    headers: { authorization: '42', 'content-type': 'application/json' },
    body: JSON.stringify({ item: 'Blue shoes' }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: string }).id;
}

const delivered = () => vero.inspector.events().map(({ data }) => String(data?.order_id));

test('a server that is told to end under load delivers the event of each request that it answered', async () => {
  const { child, url } = await start('server.ts');
  const answered: string[] = [];
  let recover = (): void => {};
  const visitor = async (): Promise<void> => {
    for (;;) {
      answered.push(await order(url));
      // So that much waits when the signal comes.
      if (answered.length === 20) recover = vero.inspector.fail({ status: 503 });
      if (answered.length !== 60) continue;
      recover();
      child.process.kill('SIGTERM');
    }
  };
  const visitors = await Promise.allSettled([visitor(), visitor(), visitor(), visitor()]);

  // Each was turned away at last: by no answer, not by a wrong one.
  for (const { reason } of visitors as PromiseRejectedResult[])
    expect(reason).toMatchObject({ message: 'fetch failed' });
  expect(await child.exit).toBe(0);
  expect(child.output).toContain(', 0 lost');
  expect(answered.length).toBeGreaterThanOrEqual(60);
  expect(delivered()).toEqual(expect.arrayContaining(answered));
  expect(new Set(delivered()).size).toBe(delivered().length);
});

test('workers of a cluster share one file: what one accepted that was killed, others deliver, each event once', {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'verotrack-cluster-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const recover = vero.inspector.fail({ status: 503 });
  const env = { WORKERS: '3', EVENTS_FILE: join(folder, 'vero.db') };
  const { child, url, pids } = await start('cluster.ts', env, 3);

  // All at once: new connections go to the workers in turn.
  const answered = await Promise.all(Array.from({ length: 30 }, () => order(url)));
  // A server learns that its answer was sent a moment after the visitor has it.
  const queue = sqliteQueue({ path: env.EVENTS_FILE });
  await expect.poll(() => queue.counts()).toMatchObject({ waiting: 30 });
  await queue.close();
  const [killed = 0] = pids;
  process.kill(killed, 'SIGKILL');
  await child.printed(new RegExp(`(?:${LISTENS.source}[^]*){4}`));
  recover();
  // They try again when their pauses are over.
  await expect.poll(() => new Set(delivered()).size, { timeout: 40_000 }).toBe(30);
  answered.push(await order(url));
  child.process.kill('SIGTERM');

  expect(await child.exit).toBe(0);
  expect(delivered().toSorted()).toEqual(answered.toSorted());
});

test('a server says that it is ready to who started it, and ends by SIGINT, as pm2 asks it to', async () => {
  const server = fork(inImage('src/servers/server.ts'), { env: { ...process.env, PORT: '0' }, silent: true });
  onTestFinished(() => void server.kill('SIGKILL'));
  expect(await once(server, 'message')).toContain('ready');
  server.kill('SIGINT');
  expect(await once(server, 'exit')).toEqual([0, null]);
});
