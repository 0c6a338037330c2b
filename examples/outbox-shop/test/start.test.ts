import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';

it('the one command starts everything, and ends it in order', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../start.ts')], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  const line = (wanted: RegExp) => said.find((text) => wanted.test(text));

  await expect.poll(() => line(/^The shop is at /)).toBeDefined();
  const url = line(/^The shop is at /)?.replace('The shop is at ', '');
  const answer = await fetch(`${url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-user': 'jane' },
    body: JSON.stringify({ productId: 'shoes' }),
  });
  expect(answer.status).toBe(201);
  await expect.poll(() => line(/^Vero has purchased$/)).toBeDefined();

  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});
