import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { contractRecord } from '@verotrack/core/queue-contract';
import { describe, expect, it, vi } from 'vitest';
import { newPath, open, put, spillsOf, take } from './queues.ts';

/** Runs it in a process of its own, which ends as if it had been killed. */
function dieAfter(path: string, work: string): void {
  const script = `
    import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
    import { basename, dirname, join } from 'node:path';
    import { DatabaseSync } from 'node:sqlite';
    import { sqliteQueue } from ${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))};
    import { contractRecord } from ${JSON.stringify(join(import.meta.dirname, '../../core/src/queue-contract.ts'))};
    const path = ${JSON.stringify(path)};
    const queue = sqliteQueue({ path });
    const lock = () => {
      const other = new DatabaseSync(path);
      other.exec('BEGIN IMMEDIATE');
      // Or the garbage collector would close it, and so unlock the file.
      return (globalThis.locked = other);
    };
    ${work}
    process.kill(process.pid, 'SIGKILL');`;
  const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  expect([signal, stderr.replace(/.*(ExperimentalWarning|--trace-warnings).*\n/g, '')]).toEqual([
    'SIGKILL',
    '',
  ]);
}

describe('a process that died', () => {
  const takeOne = `
    queue.put([contractRecord('a'), contractRecord('b')]);
    await queue.take(1, 3_600_000, 'default');`;

  it('has its leases back as soon as the file is opened again', async () => {
    const path = newPath();
    dieAfter(path, takeOne);
    expect(await take(open(path))).toEqual(['a', 'b']);
  });

  it('has its leases given to another that lives, without anybody opening the file', async () => {
    const path = newPath();
    const queue = open(path);
    expect(await take(queue)).toEqual([]);
    dieAfter(path, takeOne);
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now + 3_000);
    expect(await take(queue)).toEqual(['a', 'b']);
  });

  it('keeps them while it lives', async () => {
    const path = newPath();
    const queue = open(path);
    put(queue, 'a');
    await take(queue);
    expect(await take(open(path))).toEqual([]);
  });

  it('while the file was locked has lost nothing, and has sent again nothing that was delivered', async () => {
    const path = newPath();
    dieAfter(
      path,
      `lock();
      queue.put(['a', 'b', 'c'].map((id) => contractRecord(id)));
      if ((await queue.take(1, 60_000, 'default'))[0].id !== 'a') throw new Error('not the first');
      await queue.ack(['a']);`,
    );
    expect(spillsOf(path)).toHaveLength(1);
    const queue = open(path);
    expect(await take(queue)).toEqual(['b', 'c']);
    expect(queue.counts()).toMatchObject({ waiting: 2, spilled: 0 });
    expect(spillsOf(path)).toEqual([]);
  });

  it('while it wrote beside the file has lost only what it had not accepted yet', async () => {
    const path = newPath();
    dieAfter(path, `lock(); queue.put(['a', 'b'].map((id) => contractRecord(id)));`);
    const [spill = ''] = spillsOf(path);
    const text = readFileSync(spill, 'utf8');
    writeFileSync(spill, text.slice(0, -10));
    expect(await take(open(path))).toEqual(['a']);
  });

  it('leaves nothing beside the file when the file had taken it all', async () => {
    const path = newPath();
    dieAfter(
      path,
      `const other = lock();
      queue.put([contractRecord('a')]);
      other.close();
      while (queue.counts().spilled > 0) await new Promise(setImmediate);`,
    );
    expect(spillsOf(path)).toEqual([]);
    expect(await take(open(path))).toEqual(['a']);
  });
});

describe('what a process left beside the file', () => {
  const line = (id: string): string => JSON.stringify({ put: contractRecord(id) });
  const leave = (path: string, owner: string, ...lines: readonly string[]): string => {
    const spill = `${path}-spill-${owner}`;
    writeFileSync(spill, lines.join('\n'));
    return spill;
  };
  const grow = (spill: string): void => {
    const longAgo = new Date(Date.now() - 6 * 60_000);
    utimesSync(spill, longAgo, longAgo);
  };
  const later = (ms: number): void => {
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now + ms);
  };
  /** A process of this machine that lives, and is not the one that wrote it. */
  const reused = [encodeURIComponent(hostname()), process.ppid, 1, 'x'].join('+');

  it('is left alone when it is of a process, machine or container that may live', async () => {
    const path = newPath();
    const spills = [leave(path, 'elsewhere+1+1+x', line('a')), leave(path, reused, line('b'))];
    expect(await take(open(path))).toEqual([]);
    for (const spill of spills) expect(existsSync(spill)).toBe(true);
  });

  it('is taken over from whoever has not touched it for long, also by a queue that was open before', async () => {
    const path = newPath();
    const queue = open(path);
    expect(await take(queue)).toEqual([]);
    const spills = [leave(path, 'elsewhere+1+1+x', line('a'), line('b')), leave(path, reused, line('c'))];
    for (const spill of spills) grow(spill);
    later(11_000);
    expect((await take(queue)).toSorted()).toEqual(['a', 'b', 'c']);
    expect(spillsOf(path)).toEqual([]);
  });

  it('of a process that died is taken over by another that lives', async () => {
    const path = newPath();
    const queue = open(path);
    expect(await take(queue)).toEqual([]);
    dieAfter(path, `lock(); queue.put([contractRecord('a')]);`);
    later(11_000);
    expect(await take(queue)).toEqual(['a']);
  });

  it('does not come twice when the process died just after it had put it into the file', async () => {
    const path = newPath();
    dieAfter(
      path,
      `const other = lock();
      queue.put([contractRecord('a')]);
      const [spill] = readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path) + '-spill-'));
      const text = readFileSync(join(dirname(path), spill));
      other.close();
      while (queue.counts().spilled > 0) await new Promise(setImmediate);
      // As if it had not come to this any more.
      writeFileSync(join(dirname(path), spill), text);`,
    );
    expect(spillsOf(path)).toHaveLength(1);
    const queue = open(path);
    expect(await take(queue)).toEqual(['a']);
    await queue.ack(['a']);
    expect(queue.counts()).toMatchObject({ waiting: 0, spilled: 0 });
    expect(spillsOf(path)).toEqual([]);
  });

  it('stays, and is told, when it can not be read, and the others are taken over', async () => {
    const path = newPath();
    const gone = ['%left+1', '%left+2', '%left+3'].map((owner) => `${path}-spill-${owner}`);
    mkdirSync(gone[0]!);
    leave(path, '%left+2', line('b'), 'half a li');
    leave(path, '%left+3', line('c'));
    const queue = open(path);
    expect((await take(queue)).toSorted()).toEqual(['b', 'c']);
    const told: string[] = [];
    // Whoever listens later is told, too.
    queue.onProblem(({ message }) => void told.push(message));
    expect(told).toEqual([
      expect.stringMatching(/can't be read: EISDIR/),
      expect.stringMatching(/1 lines can't be read; they are kept in .*-unreadable-/),
    ]);
    expect(spillsOf(path)).toEqual([gone[0]]);
    expect(readFileSync(`${path}-unreadable-%left+2`, 'utf8')).toContain('half a li');
    rmSync(gone[0]!, { recursive: true });
  });

  it('is where the file is, wherever the process has gone, and whatever leads there', async () => {
    const path = newPath();
    symlinkSync(path, `${path}.link`);
    dieAfter(
      path,
      `process.chdir(dirname(path));
      const relative = sqliteQueue({ path: basename(path) + '.link' });
      process.chdir('/');
      lock();
      relative.put([contractRecord('a')]);`,
    );
    expect(await take(open(path))).toEqual(['a']);
  });
});
