import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const CLI = join(import.meta.dirname, '../src/cli.ts');
const TOKEN = 'tok_secret_of_the_plan';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cli?: string;
}

async function run(args: readonly string[], { cwd, env = {}, cli = CLI }: RunOptions): Promise<Ran> {
  return await new Promise((resolve) => {
    const settings = { cwd, env: { ...process.env, NODE_OPTIONS: '', VERO_AUTH_TOKEN: '', ...env } };
    // The oldest Node warns of every stripped type.
    const quiet = '--disable-warning=ExperimentalWarning';
    execFile(process.execPath, [quiet, cli, ...args], settings, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

/** A copy of the applications in a package of its own, which has what this package has installed, and this package. */
function project(files: Readonly<Record<string, string>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'verotrack-plan-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(import.meta.dirname, 'apps'), folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'project', type: 'module' }));
  const compilerOptions = { experimentalDecorators: true };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  const ours = join(import.meta.dirname, '../node_modules');
  const links = [
    ...readdirSync(ours),
    ...readdirSync(join(ours, '@verotrack')).map((name) => `@verotrack/${name}`),
  ];
  mkdirSync(join(folder, 'node_modules/@verotrack'), { recursive: true });
  symlinkSync(join(import.meta.dirname, '..'), join(folder, 'node_modules/@verotrack/plan'));
  for (const name of links) {
    if (name !== '@verotrack') symlinkSync(join(ours, name), join(folder, 'node_modules', name));
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const edit = (file: string, change: (text: string) => string) =>
  writeFileSync(file, change(readFileSync(file, 'utf8')));

describe('the command', () => {
  it('prints the plan as Markdown, and nothing else, of an application that holds much open and has no token', async () => {
    const { code, out, err } = await run(['express.ts'], { cwd: project() });
    expect({ code, err }).toEqual({ code: 0, err: 'The shop is loaded.\n' });
    expect(out).toMatch(/^# Tracking plan\n/);
    expect(out).toContain(
      '| express | `POST /cart/items` | `add_to_cart` | `item_name`, `price` | adapter | |',
    );
    expect(out).toContain('| express | `shop.ts` | `viewed_cart` | no schema | adapter | |');
    expect(out).toContain('| `purchased` | | `total`: `number (> 0)`<br>`coupon`: `string`, optional |');
    expect(out).toContain('## Nothing emits');
  });

  it('prints JSON, with lines', async () => {
    const { code, out } = await run(['express.ts', '--json'], { cwd: project() });
    expect(code).toBe(0);
    const [route] = JSON.parse(out).routes;
    const text = readFileSync(join(import.meta.dirname, 'apps/shop.ts'), 'utf8');
    const line = text.split('\n').findIndex((each) => each.includes("trackEvent('add_to_cart'")) + 1;
    expect(route).toMatchObject({ route: 'POST /cart/items', callSite: { file: 'shop.ts', line } });
  });

  it('takes a tRPC router, and tells warnings apart', async () => {
    const { code, out, err } = await run(['trpc.ts'], { cwd: project() });
    expect(code).toBe(0);
    expect(out).toContain('| trpc | `subscription deep.reports.list` | `listed` |');
    expect(err).toContain('Warning: query lost: meta.track has no effect without trackFromMeta()');
  });

  it('takes a Nest module, where decorators are compiled', async () => {
    const env = { NODE_OPTIONS: '--import @oxc-node/core/register' };
    const { code, out, err } = await run(['nest.ts'], { cwd: project(), env });
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringContaining('Warning: @TrackEvent on Job.run'),
    });
    expect(out).toContain('| nestjs | `GET /products` `Products.list` | `listed` | none | adapter | when |');
  });

  it.each([
    ['a plan as its default', 'export default options;'],
    ['a function', 'export const plan = () => options;'],
    ['an async function', 'export default async () => options;'],
  ])('takes an entry that exports %s', async (_what, code) => {
    const entry = `import { plan as options } from './express.ts';\n${code}`;
    const { out } = await run(['entry.ts'], { cwd: project({ 'entry.ts': entry }) });
    expect(out).toContain('`POST /cart/items`');
  });

  it('takes a CommonJS entry', async () => {
    const entry = `
      const { createVero } = require('@verotrack/core');
      const { expressTracking } = require('@verotrack/express');
      const vero = createVero();
      expressTracking(vero).trackEvent('viewed');
      exports.plan = { vero };`;
    const { code, out } = await run(['entry.cjs'], { cwd: project({ 'entry.cjs': entry }) });
    expect(code).toBe(0);
    expect(out).toContain('| express | `entry.cjs` | `viewed` |');
  });

  it('says the same from another folder', async () => {
    const cwd = project();
    const here = await run(['express.ts'], { cwd });
    const there = await run([join(cwd, 'express.ts')], { cwd: import.meta.dirname });
    expect(there.out).toBe(here.out);
  });

  it('is found as npx finds it, by a link, and tells its options', async () => {
    const cwd = project();
    const cli = join(cwd, 'verotrack-plan');
    symlinkSync(CLI, cli);
    const { code, out } = await run(['--help'], { cwd, cli });
    expect(code).toBe(0);
    for (const option of ['json', 'write', 'check', 'help', 'version']) expect(out).toContain(`--${option}`);
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
    expect((await run(['--version'], { cwd, cli })).out).toBe(`${version}\n`);
  });

  it('prints no token', async () => {
    const env = { VERO_AUTH_TOKEN: TOKEN };
    for (const args of [['express.ts'], ['express.ts', '--json'], ['absent.ts']]) {
      const { out, err } = await run(args, { cwd: project(), env });
      expect((out + err).includes(TOKEN)).toBe(false);
    }
  });
});

describe('a plan that is kept', () => {
  const rename = (cwd: string) => {
    edit(join(cwd, 'shop.ts'), (text) => text.replaceAll('viewed_cart', 'opened_cart'));
  };

  it.each(['plan.md', 'plan.json'])(
    'in %s agrees until an event is renamed, and again once it is written',
    async (file) => {
      const cwd = project();
      expect(await run(['express.ts', '--write', file], { cwd })).toMatchObject({
        code: 0,
        out: `Wrote ${file}.\n`,
      });
      expect(await run(['express.ts', '--check', file], { cwd })).toMatchObject({
        code: 0,
        out: `${file} agrees with the code.\n`,
      });

      rename(cwd);
      const { code, out, err } = await run(['express.ts', '--check', file], { cwd });
      expect({ code, out }).toEqual({ code: 1, out: '' });
      for (const line of [
        `${file} does not agree with the code`,
        '- route express, shop.ts, viewed_cart',
        '+ route express, shop.ts, opened_cart',
        '- event viewed_cart',
        '+ event opened_cart',
        `npx @verotrack/plan express.ts --write ${file}`,
      ]) {
        expect(err).toContain(line);
      }

      await run(['express.ts', '--write', file], { cwd });
      expect((await run(['express.ts', '--check', file], { cwd })).code).toBe(0);
    },
  );

  it.each(['plan.md', 'plan.json'])('in %s agrees when lines move', async (file) => {
    const cwd = project();
    await run(['express.ts', '--write', file], { cwd });
    edit(join(cwd, 'shop.ts'), (text) => `\n\n\n${text}`);
    expect((await run(['express.ts', '--check', file], { cwd })).code).toBe(0);
    const before = readFileSync(join(cwd, file), 'utf8');
    await run(['express.ts', '--write', file], { cwd });
    expect(readFileSync(join(cwd, file), 'utf8')).toBe(before);
  });

  it.each(['plan.md', 'plan.json'])('what was printed agrees, too: %s', async (file) => {
    const cwd = project();
    const { out } = await run(file === 'plan.json' ? ['express.ts', '--json'] : ['express.ts'], { cwd });
    writeFileSync(join(cwd, file), out);
    expect((await run(['express.ts', '--check', file], { cwd })).code).toBe(0);
  });

  it.each([
    ['absent.md', undefined],
    ['broken.json', '{'],
    ['other.json', '{"version":3}'],
  ])('that can not be read is an error, which says how to write it: %s', async (file, content) => {
    const cwd = project(content === undefined ? {} : { [file]: content });
    const { code, err } = await run(['express.ts', '--check', file], { cwd });
    expect(code).toBe(2);
    expect(err).toContain(`${file} can't be compared`);
    expect(err).toContain(`npx @verotrack/plan express.ts --write ${file}`);
  });

  it('an event that was renamed in the catalogue only is listed, with the route that still has the old name', async () => {
    const cwd = project();
    await run(['express.ts', '--write', 'plan.md'], { cwd });
    edit(join(cwd, 'shop.ts'), (text) => text.replace('viewed_cart: event()', 'opened_cart: event()'));
    const { code, err } = await run(['express.ts', '--check', 'plan.md'], { cwd });
    expect(code).toBe(1);
    expect(err).toMatch(/not in the catalogue: viewed_cart/);
    expect(err).toMatch(/\+ event opened_cart/);
  });
});

describe('an error names the entry, and says what is wrong:', () => {
  it.each([
    ['no file', 'absent.ts', undefined, 'There is no entry absent.ts.'],
    [
      'nothing exported',
      'entry.ts',
      'export const other = 1;',
      'The entry entry.ts exports no plan: export const plan =',
    ],
    [
      'code that throws',
      'entry.ts',
      "\nthrow new Error('no database');",
      /The entry entry\.ts could not be loaded: no database\n.*entry\.ts:2:/,
    ],
    [
      'an import that is missing',
      'entry.ts',
      "import 'nothing-of-the-sort';",
      "could not be loaded: Cannot find package 'nothing-of-the-sort'",
    ],
    [
      'decorators that nobody compiles',
      'entry.ts',
      '@dec class A {}',
      /entry\.ts could not be loaded: .*--import @oxc-node\/core\/register/s,
    ],
    [
      'a function that throws',
      'entry.ts',
      "export const plan = () => { throw new Error('no plan'); };",
      'The entry entry.ts: no plan',
    ],
    [
      'options that are wrong',
      'entry.ts',
      'export const plan = { veto: 1 };',
      'The entry entry.ts: trackingPlan: unknown option "veto". Did you mean "vero"?',
    ],
    [
      'something else',
      'entry.ts',
      'export default 42;',
      'The entry entry.ts: trackingPlan: its options must be an object',
    ],
    ['something thrown that is no error', 'entry.ts', "throw 'a word';", 'could not be loaded: a word'],
  ])('%s', async (_what, entry, content, message) => {
    const cwd = project(content === undefined ? {} : { [entry]: content });
    const { code, out, err } = await run([entry], { cwd });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });

  it.each([
    [['a.ts', 'b.ts'], 'There is one entry only, and "b.ts" is too much'],
    [['a.ts', '--jsno'], "Unknown option '--jsno'"],
    [['a.ts', '--check', 'x', '--write', 'x'], '--check or --write, not both'],
    [['a.ts', '--json', '--write', 'x'], '--json is for what is printed'],
  ])('a wrong command line: %j', async (args, message) => {
    const { code, err } = await run(args, { cwd: import.meta.dirname });
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});
