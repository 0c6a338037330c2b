import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const MAIN = join(import.meta.dirname, '../src/main.ts');

export interface QuickRun {
  readonly report: string;
  readonly charts: readonly string[];
}

/** What some suites write when they are only tried out. */
export async function quickRun(...suites: string[]): Promise<QuickRun> {
  const out = mkdtempSync(join(tmpdir(), 'verotrack-bench-test-'));
  try {
    await promisify(execFile)(process.execPath, ['--no-warnings', MAIN, '--quick', '--out', out, ...suites]);
    return {
      report: readFileSync(join(out, 'benchmarks.md'), 'utf8'),
      charts: readdirSync(join(out, 'images/benchmarks')),
    };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
