import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newPath, open, put, take } from './queues.ts';

describe('the command', () => {
  const cli = join(import.meta.dirname, '../src/cli.ts');
  const run = (...args: readonly string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...args], {
      encoding: 'utf8',
    });

  const withDead = async (): Promise<string> => {
    const path = newPath();
    const queue = open(path);
    put(queue, 'a', 'b', 'c', 'd');
    await take(queue, 3);
    await queue.dead('a', 'Vero answered 400');
    await queue.dead('b', 'Vero answered 413');
    await queue.close();
    return path;
  };

  it('says how the queue stands', async () => {
    const path = await withDead();
    expect(run(path)).toMatchObject({ status: 0, stderr: '' });
    expect(run(path, 'status').stdout.split('\n')).toEqual([
      'waiting       2',
      '  of them taken 1',
      'dead letters  2',
      '',
    ]);
  });

  it('lists dead letters, exports them, and replays those that are meant', async () => {
    const path = await withDead();
    expect(run(path, 'dead').stdout).toMatch(
      /^\d{4}-.* {2}n {2}a {2}1 attempts {2}Vero answered 400\n.*413\n$/,
    );
    expect(run(path, 'dead', '--reason', '413').stdout.trim().split('\n')).toHaveLength(1);
    const [first] = run(path, 'export').stdout.trim().split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({ record: { id: 'a' }, reason: 'Vero answered 400' });
    expect(run(path, 'replay', '--name', 'other').stdout).toBe('0 replayed\n');
    expect(run(path, 'replay', '--dry-run').stdout).toBe('2 would be replayed\n');
    expect(run(path, 'replay', '--reason', '400').stdout).toBe('1 replayed\n');
    expect(run(path).stdout).toContain('dead letters  1');
  });

  it.each([
    ['a file that there is not', ['nowhere.db'], /There is no file nowhere.db/],
    ['a command that there is not', ['FILE', 'delete'], /There is no command "delete"\.\n\nUsage: /],
    ['a rate that is none', ['FILE', 'replay', '--rate', 'fast'], /--rate must be a number above 0/],
    ['an option that there is not', ['FILE', '--all'], /Unknown option '--all'[\s\S]*\n\nUsage: /],
    ['too much', ['FILE', 'status', 'now'], /"now" is too much/],
  ])('refuses %s, and says why', async (_what, args, expected) => {
    const path = await withDead();
    const copy = `${path}.copy`;
    copyFileSync(path, copy);
    const { status, stderr, stdout } = run(...args.map((arg) => (arg === 'FILE' ? path : arg)));
    expect(status).toBe(2);
    expect(stderr).toMatch(expected);
    expect(stdout).toBe('');
    expect(existsSync('nowhere.db')).toBe(false);
  });

  it('explains itself', async () => {
    expect(run('--help').stdout).toMatch(/^Usage: verotrack-sqlite <file> \[command\]/);
  });
});
