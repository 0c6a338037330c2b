import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Person } from '../src/page-contract.ts';
import { post, SIGN_UP, start, TOKEN } from './client.ts';
import { ask, call, entries } from './page-client.ts';

function file(): string {
  const folder = mkdtempSync(join(tmpdir(), 'verotrack-inspector-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'events.db');
}
const named = (event_name: string, id = '1') => ({ ...SIGN_UP, event_name, identity: { id, age: 25 } });

describe('a database', () => {
  it('has all again after a restart', async () => {
    const database = file();
    const first = await start({ database });
    await post(first, named('one'));
    await post(first, named('two', '2'));
    await post(first, named('test', '3'));
    await post(first, { ...named('test'), development_mode: true });
    await post(first, '{');
    await call(first, 'PUT', 'users/tags/edit', { id: '2', add: ['vip'] });
    await call(first, 'POST', 'users/unsubscribe', { id: '1' });
    await call(first, 'PUT', 'users/reidentify', { id: '1', new_id: 'one' });
    await call(first, 'POST', 'users/delete', { id: '3' });
    const told = await entries(first);
    const users = first.users();
    const person = await ask<Person>(first, 'person?id=1&developmentMode=false');
    await first.close();

    const second = await start({ database });
    expect(await entries(second)).toEqual(told);
    expect(second.users()).toEqual(users);
    expect(await ask(second, 'person?id=1&developmentMode=false')).toEqual(person);
    expect(await ask(second, 'entries/1')).toMatchObject({ name: 'one', credential: '…0042' });
    expect(await ask(second, 'state')).toMatchObject({ database, total: told.length });
    await post(second, named('three'));
    expect((await entries(second)).at(-1)).toMatchObject({ seq: told.length + 1, name: 'three' });
    // What this process received is what this is about.
    expect(second.events().map(({ name }) => name)).toEqual(['three']);
  });

  it('forgets what is forgotten', async () => {
    const database = file();
    const first = await start({ database, maxEvents: 3 });
    for (const name of ['one', 'two', 'three', 'four', 'five']) await post(first, named(name, name));
    await first.close();
    const second = await start({ database, maxEvents: 2 });
    expect((await entries(second)).map(({ seq, name }) => [seq, name])).toEqual([
      [4, 'four'],
      [5, 'five'],
    ]);
    expect(second.users().map(({ id }) => id)).toEqual(['five', 'four']);
    await second.close();
    const third = await start({ database, maxEvents: 10 });
    expect(await entries(third)).toHaveLength(2);
    expect(third.users().map(({ id }) => id)).toEqual(['five', 'four']);
    await third.close();
    const fourth = await start({ database, maxEvents: 2 });
    fourth.clear();
    await fourth.close();
    const fifth = await start({ database });
    expect([await entries(fifth), fifth.users()]).toEqual([[], []]);
    expect(await ask(fifth, 'state')).toMatchObject({ total: 0 });
    await post(fifth, named('six'));
    expect(await entries(fifth)).toMatchObject([{ seq: 6 }]);
  });

  it('has what came a moment before the process was killed', async () => {
    const database = file();
    const cli = join(import.meta.dirname, '../src/cli.ts');
    const child = spawn(process.execPath, [cli, '--port', '0', '--db', database]);
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    await expect.poll(() => out).toContain('Ctrl-C ends it.');
    const url = /http:\/\/\S+:\d+/.exec(out)?.[0] ?? '';
    await post({ url } as never, named('one'));
    // In plain text, so that one can wait for it.
    await expect.poll(() => readFileSync(`${database}-wal`).includes('"event_name":"one"')).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'close');
    const inspector = await start({ database });
    expect(await entries(inspector)).toMatchObject([{ name: 'one' }]);
    expect(inspector.users()).toMatchObject([{ id: '1', attributes: { age: 25 } }]);
  });

  it('holds no credential, and is for its owner only', async () => {
    const database = file();
    const inspector = await start({ database });
    await post(inspector, { ...SIGN_UP, data: { note: TOKEN } });
    await post(inspector, `{"auth_token":"${TOKEN}`);
    await inspector.close();
    const db = new DatabaseSync(database, { readOnly: true });
    const all = JSON.stringify([
      db.prepare('SELECT * FROM entries').all(),
      db.prepare('SELECT * FROM people').all(),
    ]);
    db.close();
    expect(all).toContain('…0042');
    expect(all.includes(TOKEN)).toBe(false);
    expect(statSync(database).mode & 0o077).toBe(0);
  });

  it('is for one inspector at a time', async () => {
    const database = file();
    const first = await start({ database });
    await expect(start({ database })).rejects.toThrow(
      `${database} can't be used: another process has it open`,
    );
    await first.close();
    await (await start({ database })).close();
  });

  it('is refused when its rows are not ours', async () => {
    const database = file();
    const inspector = await start({ database });
    await post(inspector, named('one'));
    await inspector.close();
    const db = new DatabaseSync(database);
    db.exec("UPDATE entries SET draft = '{'");
    db.close();
    await expect(start({ database })).rejects.toThrow(`The database ${database} can't be used`);
  });

  it.each([
    [
      'a file of something else',
      (path: string) => writeFileSync(path, 'no database, and long enough to tell. '.repeat(99)),
    ],
    ['another database', (path: string) => new DatabaseSync(path).exec('CREATE TABLE mine (id INTEGER)')],
  ])('is refused when it is %s', async (_what, make) => {
    const database = file();
    make(database);
    await expect(start({ database })).rejects.toThrow(`The database ${database} can't be used`);
  });

  it('is refused where there is no folder, or no path', async () => {
    await expect(start({ database: join(file(), 'none', 'x.db') })).rejects.toThrow("can't be used");
    await expect(start({ database: '' })).rejects.toThrow('database must be');
  });
});
