import { createVero } from '@verotrack/core';
import { startInspector } from '@verotrack/inspector';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pgBossQueue } from '../../src/index.ts';
import { aSchema, postgresUrl } from '../servers.ts';
import { aSlowVero, aVero, identity, lastLine, nowhere, run, store, TOKEN } from './runs.ts';

describe('the command worker', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('delivers until %s, and says what it did', async (signal) => {
    const [schema, vero] = [aSchema(), await aVero()];
    await store(schema, 'first', 'second');
    const { child, out, err, code } = run(['worker', '--schema', schema], { VERO_BASE_URL: vero.url });
    await vero.waitForEvent('first');
    await vero.waitForEvent('second');
    child.kill(signal);
    expect(await code).toBe(0);
    expect(err()).toBe('');
    expect(lastLine(out())).toBe('taken=2 delivered=2 rejected=0 dropped=0 handedOver=0 pending=0 retries=0');
  });

  it('lets an attempt under way end, also when npm passes the signal on', async () => {
    const [schema, vero] = [aSchema(), await aSlowVero()];
    await store(schema, 'first');
    const { child, out, code } = run(['worker', '--schema', schema], { VERO_BASE_URL: vero.url });
    const response = await vero.asked;
    child.kill('SIGTERM');
    child.kill('SIGINT');
    await expect.poll(out).toMatch(/^SIG(TERM|INT): ends within 25 seconds\.$/m);
    response.end('{}');
    expect(await code).toBe(0);
    expect(lastLine(out())).toContain('taken=1 delivered=1 ');
  });

  it('leaves what does not end in time to others, and says so by its exit code', async () => {
    const [schema, slow, vero] = [aSchema(), await aSlowVero(), await aVero()];
    await store(schema, 'first');
    const args = ['worker', '--schema', schema, '--close-timeout', '1'];
    const { child, out, err, code } = run(args, { VERO_BASE_URL: slow.url });
    await slow.asked;
    child.kill('SIGTERM');
    expect(await code).toBe(1);
    expect(lastLine(out())).toContain('taken=1 delivered=0 rejected=0 dropped=0 handedOver=1 ');
    expect(err()).toMatch(/^It took longer than --close-timeout: .*\n$/);
    run(['worker', '--schema', schema], { VERO_BASE_URL: vero.url });
    await vero.waitForEvent('first');
  });

  it('ends at once when it is told again', async () => {
    const [schema, vero] = [aSchema(), await aSlowVero()];
    await store(schema, 'first');
    const { child, out, code } = run(['worker', '--schema', schema, '--close-timeout', '86400'], {
      VERO_BASE_URL: vero.url,
    });
    await vero.asked;
    child.kill('SIGINT');
    await expect.poll(out).toContain('SIGINT: ends within');
    await expect
      .poll(() => {
        child.kill('SIGINT');
        return child.exitCode;
      })
      .toBe(1);
    await code;
    expect(out()).not.toContain('delivered=');
  });

  it('delivers the events of the queue and the project that it is told, and no others', async () => {
    const [schema, vero] = [aSchema(), await aVero()];
    const queue = pgBossQueue({ connectionString: postgresUrl(), schema, queue: 'other' });
    const client = createVero({ authToken: TOKEN, queue, project: 'shop 2' });
    client.track('of the project', { identity });
    await client.close();
    await store(schema, 'of another');
    const args = ['worker', '--schema', schema, '--queue', 'other', '--project', 'shop 2'];
    const rest = [
      '--concurrency',
      '2',
      '--connections',
      '2',
      '--rate-per-second',
      '0.5',
      '--take-over-after',
      '20',
    ];
    const { child, out, code } = run([...args, ...rest], { VERO_BASE_URL: vero.url });
    await vero.waitForEvent('of the project');
    child.kill('SIGTERM');
    expect(await code).toBe(0);
    expect(lastLine(out())).toContain('taken=1 delivered=1 ');
  });

  it('tells what goes wrong in a line each, and keeps what it was given', async () => {
    const [schema, vero] = [aSchema(), await startInspector({ port: 0, authToken: 'tok_secret_other' })];
    onTestFinished(() => vero.close());
    await store(schema, 'first', 'second');
    const { child, out, err, code } = run(['worker', '--schema', schema], { VERO_BASE_URL: vero.url });
    await expect.poll(err).toContain('\n');
    child.kill('SIGTERM');
    expect(await code).toBe(0);
    expect(err()).toMatch(/^VERO_PAUSED_unauthorized: Delivery to Vero is paused.*\n$/);
    expect(lastLine(out())).toContain('delivered=0 ');
    const status = run(['--schema', schema]);
    expect(await status.code).toBe(0);
    expect(status.out()).toContain('waiting       2\n  of them taken 0\n');
  });

  it('waits for a Postgres that is away', async () => {
    const { child, err, code } = run(['worker'], { DATABASE_URL: await nowhere() });
    await expect.poll(err).toContain('\n');
    child.kill('SIGTERM');
    expect(await code).toBe(0);
    expect(err()).toMatch(/^VERO_QUEUE: The queue failed: .*ECONNREFUSED.*\n$/);
  });
});
