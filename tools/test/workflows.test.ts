import { accessSync, constants, existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readManifest, root } from '../workspace.ts';

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly uses?: string;
  readonly steps?: readonly Step[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
}

interface Workflow {
  readonly name: string;
  readonly permissions: unknown;
  readonly concurrency: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const { scripts = {} } = readManifest('.');
const workflow = (file: string): Workflow => parse(read(file), { strict: true }) as Workflow;
const workflows = globSync('.github/workflows/*.yml', { cwd: root });

/** Why a command of a workflow can't work here; nothing if it can. */
function problemOf(command: string): string | undefined {
  const [program = '', ...args] = command.trim().split(/\s+/);
  if (program.includes('/')) {
    accessSync(join(root, program), constants.X_OK);
    return undefined;
  }
  const [yes, pnpm, name = '', what = ''] = args;
  if (program !== 'npx' || yes !== '--yes' || pnpm !== 'pnpm@12')
    return `${command}: not by npx --yes pnpm@12`;
  if (name === 'exec') return existsSync(join(root, 'node_modules/.bin', what)) ? undefined : `no ${what}`;
  const script = name === 'run' ? what : name;
  return script in scripts || script === 'install' ? undefined : `no script ${script}`;
}

function commandsOf({ jobs }: Workflow): string[] {
  return Object.values(jobs)
    .flatMap(({ steps = [] }) => steps)
    .flatMap((step) => [step.run, step.with?.['version-script'], step.with?.['publish-script']])
    .filter((command) => typeof command === 'string')
    .flatMap((command) => command.trim().split('\n'));
}

test('there are workflows for checks, random input, releases and the site', () => {
  expect(workflows.map((file) => workflow(file).name).toSorted()).toEqual(['CI', 'Fuzz', 'Release', 'Site']);
});

describe.each(workflows)('%s', (file) => {
  const { permissions, concurrency, jobs, ...others } = workflow(file);

  test('runs only commands that exist', () => {
    const commands = commandsOf({ permissions, concurrency, jobs, ...others });
    expect(commands.map(problemOf).filter((problem) => problem !== undefined)).toEqual([]);
  });

  test('may only read, unless a job says why not', () => {
    expect(permissions).toEqual({ contents: 'read' });
    const mayWrite = Object.entries(jobs).filter(([, job]) => job.permissions);
    expect(mayWrite.map(([name]) => name)).toEqual(
      { CI: [], Fuzz: [], Release: ['release'], Site: ['deploy'] }[others.name],
    );
  });

  test('ends what hangs, and what a newer run replaces', () => {
    expect(concurrency).toMatchObject({ group: expect.any(String) });
    for (const job of Object.values(jobs)) {
      if (!job.uses) expect(job['timeout-minutes']).toBeLessThanOrEqual(40);
    }
  });

  test('pins what it uses, and calls only workflows that exist', () => {
    const uses = Object.values(jobs).flatMap((job) => [
      job.uses,
      ...(job.steps ?? []).map((step) => step.uses),
    ]);
    for (const used of uses.filter((each) => each !== undefined)) {
      if (used.startsWith('./')) expect(existsSync(join(root, used))).toBe(true);
      else expect(used).toMatch(/@(v\d+|[0-9a-f]{40})$/);
    }
  });
});

test('CI runs what everyone runs, and a release waits for it', () => {
  expect(commandsOf(workflow('.github/workflows/ci.yml'))).toEqual(['.ci/run']);
  const { check, release } = workflow('.github/workflows/release.yml').jobs;
  expect(check?.uses).toBe('./.github/workflows/ci.yml');
  expect(release).toMatchObject({ needs: 'check', permissions: { 'id-token': 'write' } });
});

test.each(globSync(['.github/*.yml', '.github/ISSUE_TEMPLATE/*.yml'], { cwd: root }))(
  '%s is YAML',
  (file) => {
    expect(parse(read(file), { strict: true })).toEqual(expect.any(Object));
  },
);

test('forms have what GitHub asks for', () => {
  for (const file of globSync('.github/ISSUE_TEMPLATE/*_*.yml', { cwd: root })) {
    const { name, description, body } = parse(read(file)) as Record<string, unknown>;
    expect([typeof name, typeof description, Array.isArray(body)]).toEqual(['string', 'string', true]);
    for (const field of body as { type: string; id?: string; attributes: object }[]) {
      expect(['markdown', 'textarea', 'input', 'dropdown', 'checkboxes']).toContain(field.type);
      if (field.type !== 'markdown')
        expect(field).toMatchObject({ id: expect.any(String), attributes: { label: expect.any(String) } });
    }
  }
});
