import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Inspector, startInspector } from '@verotrack/inspector';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../test-helpers/free-port.ts';
import { adding } from './listen.ts';

const folder = join(import.meta.dirname, '../src/getting-started');
const added = {
  name: 'add_to_cart',
  identity: { id: '42', email: 'jane@example.com' },
  data: { item_name: 'Blue shoes' },
};

let inspector: Inspector;

beforeAll(async () => {
  inspector = await startInspector();
});
beforeEach(() => inspector.clear());
afterAll(() => inspector.close());

/** Starts a file in a process of its own, as a terminal would. */
function start(file: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, ['--import', '@oxc-node/core/register', file], {
    cwd: folder,
    env: { ...process.env, VERO_AUTH_TOKEN: 'tok_secret_any', VERO_BASE_URL: inspector.url, ...env },
    stdio: 'ignore',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Asks until the server listens. */
async function post(url: string, name: string): Promise<number> {
  let status = 0;
  await expect
    .poll(async () => {
      status = await fetch(url, adding(name)).then((response) => response.status);
      return status;
    })
    .toBeGreaterThan(0);
  return status;
}

describe('who follows the page for', () => {
  test.each([
    ['Express', 'express/server.ts', '/cart/items', 201],
    ['NestJS', 'nest/main.ts', '/cart/items', 201],
    ['tRPC', 'trpc/server.ts', '/addToCart', 200],
    ['any framework', 'any-framework/server.ts', '/', 201],
    ['Fastify', 'any-framework/fastify.ts', '/cart/items', 201],
  ])('%s has the event of the request that succeeded, at the latest at SIGTERM', async (...page) => {
    const [, file, path, success] = page;
    const port = await freePort();
    const server = start(file, { PORT: String(port) });
    const url = `http://localhost:${port}${path}`;

    expect(await post(url, 'sold out')).toBe(500);
    expect(await post(url, 'Blue shoes')).toBe(success);
    server.kill('SIGTERM');
    const [code, signal] = await once(server, 'exit');

    expect(inspector.events()).toMatchObject([added]);
    // Nest ends by the signal that it was sent.
    expect(signal ?? code).toBe(file.startsWith('nest') ? 'SIGTERM' : 0);
  });

  test('any framework has the events of a script, too', async () => {
    const [code] = await once(start('any-framework/script.ts'), 'exit');

    expect(inspector.events().map(({ name }) => name)).toEqual(['trial_ended', 'invoice_paid']);
    expect(code).toBe(0);
  });
});
