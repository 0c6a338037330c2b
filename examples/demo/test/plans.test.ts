import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const examples = join(import.meta.dirname, '../..');
const cli = join(examples, '../packages/plan/src/cli.ts');

/** Checks a shop's code against a plan, as its script `plan:check` does. */
function check(shop: string, plan: string): Promise<{ code: number; said: string }> {
  const decorators = shop === 'nest-shop' ? ['--import', '@oxc-node/core/register'] : [];
  const args = ['--no-warnings', ...decorators, cli, 'tracking-plan.ts', '--check', plan];
  const { NODE_OPTIONS: _, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: join(examples, shop), env }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, said: out + err });
    });
  });
}

describe.each(['express-shop', 'nest-shop', 'trpc-shop', 'outbox-shop'])(
  'the tracking plan of the %s',
  (shop) => {
    it('is what the code says; if not, run the script `plan` there', async () => {
      expect(await check(shop, 'TRACKING.md')).toEqual({
        code: 0,
        said: 'TRACKING.md agrees with the code.\n',
      });
    });

    it('does not pass when an event has another name there', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'verotrack-plans-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const plan = readFileSync(join(examples, shop, 'TRACKING.md'), 'utf8');
      writeFileSync(join(folder, 'TRACKING.md'), plan.replaceAll('viewed_cart', 'looked_at_cart'));
      const { code, said } = await check(shop, join(folder, 'TRACKING.md'));
      expect(code).toBe(1);
      expect(said).toMatch(/^ {2}- .*looked_at_cart/m);
      expect(said).toMatch(/^ {2}\+ .*viewed_cart/m);
    });
  },
);
