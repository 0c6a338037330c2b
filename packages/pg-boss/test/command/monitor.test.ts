import { startInspector } from '@verotrack/inspector';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aSchema } from '../servers.ts';
import { aVero, deadLetters, nowhere, type Run, run, store } from './runs.ts';

describe('the monitor of a worker', () => {
  /** Started with `--port 0`, it says where it listens. */
  async function monitored(
    schema: string,
    veroUrl: string,
  ): Promise<Run & { get(path: string): Promise<Response> }> {
    const worker = run(['worker', '--schema', schema, '--port', '0'], { VERO_BASE_URL: veroUrl });
    await expect.poll(worker.out).toContain('Ctrl-C ends it.');
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(worker.out())?.[0];
    return { ...worker, get: (path) => fetch(`${url}${path}`) };
  }

  it('says that it is well, and what it did', async () => {
    const [schema, vero] = [aSchema(), await aVero()];
    await store(schema, 'first', 'second');
    await deadLetters(schema);
    await store(schema, 'third');
    const { child, get, code } = await monitored(schema, vero.url);
    const health = await get('/health');
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ ok: true, reasons: [] });
    const metrics = async (): Promise<string> => await (await get('/metrics')).text();
    await expect.poll(metrics).toContain('verotrack_delivered_total 1\n');
    const text = await metrics();
    expect(text).toContain('# TYPE verotrack_delivered_total counter\n');
    expect(text).toContain('verotrack_queue_dead_letters 2\n');
    expect(text).toContain('verotrack_paused{reason="retry-after"} 0\n');
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) verotrack_\w+ .+|verotrack_\w+(\{\w+="[\w-]+"\})? [\d.]+)$/);
    }
    child.kill('SIGTERM');
    expect(await code).toBe(0);
  });

  it('says that delivery is paused, and why', async () => {
    const [schema, vero] = [aSchema(), await startInspector({ port: 0, authToken: 'tok_secret_other' })];
    onTestFinished(() => vero.close());
    await store(schema, 'first');
    const { get } = await monitored(schema, vero.url);
    await expect.poll(async () => (await get('/health')).status).toBe(503);
    const health = await (await get('/health')).json();
    expect(health).toMatchObject({ ok: false, reasons: ['delivery is paused: unauthorized'] });
    expect(await (await get('/metrics')).text()).toContain('verotrack_paused{reason="unauthorized"} 1\n');
  });

  it('tells of the worker while the queue cannot be counted', async () => {
    const worker = run(['worker', '--port', '0'], { DATABASE_URL: await nowhere() });
    await expect.poll(worker.out).toContain('Ctrl-C ends it.');
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(worker.out())?.[0];
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain('verotrack_taken_total 0\n');
    expect(text).not.toContain('verotrack_queue_');
  });

  it('tells of each of the workers that started at once on an empty database', async () => {
    const [schema, vero] = [aSchema(), await aVero()];
    const workers = await Promise.all([monitored(schema, vero.url), monitored(schema, vero.url)]);
    for (const { get, err } of workers) {
      await expect
        .poll(async () => await (await get('/metrics')).text())
        .toContain('verotrack_queue_waiting 0\n');
      expect(err()).toBe('');
    }
  });

  it('serves nothing else', async () => {
    const { get } = await monitored(aSchema(), (await aVero()).url);
    expect((await get('/')).status).toBe(404);
    expect((await get('/health/more')).status).toBe(404);
    expect((await fetch((await get('/metrics')).url, { method: 'POST' })).status).toBe(404);
  });

  it('is told of when it cannot listen', async () => {
    const vero = await aVero();
    const { err, code } = run(['worker', '--port', new URL(vero.url).port]);
    expect(await code).toBe(2);
    expect(err()).toMatch(/^--port or --host can't be used: .*EADDRINUSE.*\n$/);
  });
});
