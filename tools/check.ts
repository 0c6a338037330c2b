/**
 * Every check of the project; `--quick` leaves out the docs, the packages and the other Node versions.
 * At the end it says what it ran; the last line, how many checks and tests passed and failed.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { hasTestCredential, secretsIn } from './secret-scan.ts';
import { root } from './workspace.ts';

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** A file that cannot be loaded has failed without a test in it. */
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/** What depends on the version of Node. */
const OTHER_PROJECTS = ['unit', 'postgres', 'reliability', 'adapters', 'nest-11'].map(
  (name) => `--project=${name}`,
);
/** They take minutes, and most of what they are about (Postgres, memory, command lines, the TypeScript compiler) is the same for all. */
const ONCE_ONLY = [
  'packages/pg-boss/test/kill/**',
  'examples/outbox-shop/test/kill/**',
  'packages/*/test/soak/**',
  'packages/core/test/catalogue-compile.test.ts',
  'packages/plan/test/cli.test.ts',
  'packages/pg-boss/test/command/**',
].map((files) => `--exclude=${files}`);
const STEP_TIMEOUT_MS = 15 * 60_000;

const bin = join(root, 'node_modules/.bin');
// The Node that this workspace brings; elsewhere (it comes for Linux only) the one that runs this.
const node = existsSync(join(bin, 'node')) ? join(bin, 'node') : process.execPath;
const reports = mkdtempSync(join(tmpdir(), 'verotrack-check-'));
const total: Tally = { passed: 0, failed: 0, skipped: 0 };
const ran: string[] = [];
const leaks: string[] = [];
const quick = process.argv.includes('--quick');

let killRunning = (): void => {};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    killRunning();
    process.exit(1);
  });
}
process.once('exit', () => rmSync(reports, { recursive: true, force: true }));

await check('lint', join(bin, 'biome'), 'check', '--error-on-warnings');
await check('types', join(bin, 'tsc'), '-b');
await check('release, without publishing', node, join(root, 'tools/release-dry-run.ts'));
if (!quick) {
  await check('API reference', node, join(root, 'site/api-reference.ts'));
  await check('docs', join(bin, 'vitepress'), 'build', 'site');
  await check('packages', node, join(root, 'tools/packed/check.ts'));
}
await tests(node, []);
if (!quick) {
  for (const version of ['22', '26']) {
    const other = join(root, `tools/node-versions/node_modules/node-${version}/bin/node`);
    if (existsSync(other)) await tests(other, [...OTHER_PROJECTS, ...ONCE_ONLY]);
    else {
      ran.push(`not run: tests on Node ${version}, which is not installed here`);
      // Where it should be, its absence is a failure.
      if (process.platform === 'linux' && process.arch === 'x64') count(oneCheck(false));
    }
  }
}
console.log('\nPictures of the inspector as the browser showed it: packages/inspector/.screenshots');
// Once more, with all that was built and written meanwhile.
await check('secrets', node, join(root, 'tools/secret-scan.ts'));
if (leaks.length > 0) console.log(`\nA credential was printed by: ${leaks.join(', ')}`);
count(oneCheck(leaks.length === 0));

console.log(`\nWhat was run, in ${minutes(performance.now())}:`);
for (const line of ran) console.log(`  ${line}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

async function check(name: string, command: string, ...args: string[]): Promise<void> {
  await step(name, command, args, oneCheck);
}

async function tests(nodeBinary: string, filters: readonly string[]): Promise<void> {
  const version = execFileSync(nodeBinary, ['--version'], { encoding: 'utf8' }).trim().slice(1);
  const name = `tests on Node ${version}`;
  const report = join(reports, `${name}.json`);
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...filters];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  await step(name, nodeBinary, [...vitest, ...reporters], (ok) => {
    const tally = read(report);
    // A crash, an unhandled error or an empty run is a failure too.
    return ok || tally.failed > 0 ? tally : { ...tally, failed: 1 };
  });
}

async function step(
  name: string,
  command: string,
  args: readonly string[],
  tally: (ok: boolean) => Tally,
): Promise<void> {
  console.log(`\n=== ${name}`);
  const start = performance.now();
  const { ok, output } = await run(command, args);
  const result = tally(ok);
  count(result);
  if (hasTestCredential(output) || secretsIn(output).length > 0) leaks.push(name);
  const { passed, failed, skipped } = result;
  const verdict = failed === 0 ? 'ok' : 'FAILED';
  const figures = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  ran.push(`${name}: ${verdict}, ${figures}, ${minutes(performance.now() - start)}`);
  console.log(`=== ${ran.at(-1)}`);
}

/** Shows the output as it comes, and returns it. */
function run(command: string, args: readonly string[]): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    // In a process group of its own, so that whatever it leaves behind ends with it; and always as in CI.
    const child = spawn(command, args, {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        CI: 'true',
        FORCE_COLOR: undefined,
        NO_COLOR: '1',
        PATH: bin + delimiter + process.env.PATH,
      },
    });
    killRunning = () => {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nothing was left.
      }
    };
    const timer = setTimeout(() => {
      console.error('it takes too long, and is ended');
      killRunning();
    }, STEP_TIMEOUT_MS);
    const chunks: Buffer[] = [];
    const show = (to: NodeJS.WriteStream) => (chunk: Buffer) => {
      chunks.push(chunk);
      to.write(chunk);
    };
    child.stdout.on('data', show(process.stdout));
    child.stderr.on('data', show(process.stderr));
    child.on('error', (error) => console.error(error.message));
    child.on('exit', () => killRunning());
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ ok: code === 0, output: Buffer.concat(chunks).toString() });
    });
  });
}

function read(report: string): Tally {
  // A run that crashed has none.
  if (!existsSync(report)) return { passed: 0, failed: 0, skipped: 0 };
  const result = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
  const unloadable = result.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + unloadable.length,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

function minutes(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function oneCheck(ok: boolean): Tally {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

function count(tally: Tally): void {
  total.passed += tally.passed;
  total.failed += tally.failed;
  total.skipped += tally.skipped;
}
