import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const fixture = join(import.meta.dirname, 'node-test/tracking.ts');

/** Runs the tests of the fixture with Node's own runner. */
async function run(...args: string[]): Promise<{ stdout: string; code: number }> {
  const { NODE_OPTIONS, VITEST, NODE_TEST_CONTEXT, ...env } = process.env;
  const running = promisify(execFile)(process.execPath, ['--no-warnings', fixture, ...args], { env });
  return await running.then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (failed: { stdout: string; code: number }) => failed,
  );
}

describe('with node:test, a recorder', () => {
  it('needs no matchers', async () => {
    const { stdout, code } = await run();
    expect([code, stdout]).toEqual([0, expect.stringMatching(/pass 2[\s\S]*fail 0/)]);
  });

  it('says in a failing test what was tracked instead', async () => {
    const { stdout, code } = await run('fail');
    expect(code).toBe(1);
    expect(stdout).toContain('purchased by 41 { total: 25 }');
    expect(stdout).toContain("identity.id: expected '42', was '41'");
  });
});
