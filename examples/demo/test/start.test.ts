import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Child } from '../../test-helpers/child.ts';

const hasCurl = spawnSync('curl', ['--version']).status === 0;
const account = 'email=john@example.com&password=tok_secret_of_john';

describe('pnpm start', { timeout: 30_000 }, () => {
  it('prints the event of a request made by hand, and ends on Ctrl-C with exit code 0', async () => {
    const start = new Child('demo/start.ts');
    const [, express = ''] = await start.printed(/^express {2}(http:\S+)$/m);

    const body = new URLSearchParams(account);
    expect((await fetch(`${express}/signup`, { method: 'POST', body })).status).toBe(201);
    await start.printed(/^express {2}signed_up by user 1$/m);
    expect((await fetch(`${express}/signup`, { method: 'POST', body })).status).toBe(409);
    await start.printed(/^express {2}no signed_up: failure$/m);

    start.process.kill('SIGINT');
    expect(await start.exit).toBe(0);
    await expect(fetch(express)).rejects.toThrow();
    expect(start.output.includes('tok_secret_')).toBe(false);
  });

  it('opens onto a page that has the events of the three shops in it', async () => {
    const start = new Child('demo/start.ts');
    const [, vero = ''] = await start.printed(/^Open (http:\S+) in a browser/m);
    const exported = await (await fetch(`${vero}/_/api/export`)).text();
    for (const source of ['express', 'nest', 'trpc']) expect(exported).toContain(`"source":"${source}"`);
    expect(start.output).not.toContain('signed_up by user');
    start.process.kill('SIGINT');
    expect(await start.exit).toBe(0);
  });

  it('ends on Ctrl-C though a browser holds connections, and removes its files', async () => {
    const start = new Child('demo/start.ts');
    const [, nest = ''] = await start.printed(/^nest {2}(http:\S+)$/m);
    const [, cookies = ''] = await start.printed(/-c '(.+)'/);
    await start.printed(/Ctrl-C/);
    const { hostname, port } = new URL(nest);
    const unused = connect(Number(port), hostname);
    await once(unused, 'connect');
    expect(existsSync(dirname(cookies))).toBe(true);

    start.process.kill('SIGINT');
    expect(await start.exit).toBe(0);
    expect(existsSync(dirname(cookies))).toBe(false);
    unused.destroy();
  });

  it.skipIf(!hasCurl)('prints commands that can be pasted into a shell', async () => {
    const start = new Child('demo/start.ts');
    await start.printed(/Ctrl-C/);
    const commands = start.output.split('\n').filter((line) => line.startsWith('  '));

    const shell = spawn('sh', ['-e'], { stdio: ['pipe', 'ignore', 'inherit'] });
    shell.stdin.end(`curl() { command curl --silent --fail "$@"; }\n${commands.join('\n')}`);
    expect(await once(shell, 'close')).toEqual([0, null]);

    await start.printed(/^trpc +viewed_cart/m);
    const lines = start.output.split('Ctrl-C')[1]?.split('\n').slice(2, -1);
    expect(lines?.toSorted()).toEqual(
      [
        'express  signed_up by user 1',
        'express  logged_in by user 1',
        'express  add_to_cart by user 1 {"item_name":"Blue shoes","price":59}',
        'express  no purchased: cancelled',
        'express  purchased by user 1 {"order_id":"2","items":1,"total":59}',
        'nest     signed_up by user 1',
        'nest     logged_in by user 1',
        'nest     add_to_cart by user 1 {"item_name":"Straw hat","price":25}',
        'nest     purchased by user 1 {"order_id":"1","items":1,"total":25}',
        'trpc     signed_up by user 1',
        'trpc     logged_in by user 1',
        'trpc     add_to_cart by user 1 {"item_name":"Wool scarf","price":19}',
        'trpc     viewed_cart by user 1',
      ].toSorted(),
    );
    start.process.kill('SIGINT');
    expect(await start.exit).toBe(0);
  });
});
