/**
 * Every check of the project; `--quick` leaves out the packages and the other Node versions.
 * The last line says how many checks and tests passed and failed.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { secretsIn, TEST_MARKER } from './secret-scan.ts';

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
/** A fleet that is killed takes minutes; most of it is Postgres, which is the same for all. So is the TypeScript compiler. */
const ONCE_ONLY = [
  'packages/pg-boss/test/kill/**',
  'examples/outbox-shop/test/kill/**',
  'packages/core/test/catalogue-compile.test.ts',
].map((files) => `--exclude=${files}`);
const STEP_TIMEOUT_MS = 15 * 60_000;

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules/.bin');
// The Node that this workspace brings; elsewhere (it comes for Linux only) the one that runs this.
const node = existsSync(join(bin, 'node')) ? join(bin, 'node') : process.execPath;
const reports = mkdtempSync(join(tmpdir(), 'verotrack-check-'));
const total: Tally = { passed: 0, failed: 0, skipped: 0 };
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
if (!quick) await check('packages', node, join(root, 'tools/check-packages.ts'));
await tests('tests on Node 24', node, []);
if (!quick) {
  for (const version of ['22', '26']) {
    const other = join(root, `tools/node-versions/node_modules/node-${version}/bin/node`);
    if (existsSync(other)) await tests(`tests on Node ${version}`, other, [...OTHER_PROJECTS, ...ONCE_ONLY]);
    else {
      console.log(`\nnot run: tests on Node ${version}, which is not installed here`);
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

if (total.skipped > 0) console.log(`\n${total.skipped} skipped`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

async function check(name: string, command: string, ...args: string[]): Promise<void> {
  await step(name, command, args, oneCheck);
}

async function tests(name: string, nodeBinary: string, filters: readonly string[]): Promise<void> {
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
  if (output.includes(TEST_MARKER) || secretsIn(output).length > 0) leaks.push(name);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`=== ${name}: ${result.failed === 0 ? 'ok' : 'FAILED'}, ${seconds} s`);
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

function oneCheck(ok: boolean): Tally {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

function count(tally: Tally): void {
  total.passed += tally.passed;
  total.failed += tally.failed;
  total.skipped += tally.skipped;
}
