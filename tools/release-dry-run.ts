/**
 * Plays the next release in a copy of the repository, up to the upload: a change comes, versions and changelogs follow,
 * and what would be published is looked at. Nothing leaves this machine.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Manifest, publishedPackages, readManifest, root, workspacePackages } from './workspace.ts';

interface Published {
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Whatever git is set to on this machine. */
const GIT = {
  GIT_CONFIG_GLOBAL: devNull,
  GIT_AUTHOR_NAME: 'dry run',
  GIT_AUTHOR_EMAIL: 'dry-run@localhost',
  GIT_COMMITTER_NAME: 'dry run',
  GIT_COMMITTER_EMAIL: 'dry-run@localhost',
};
const CHANGE = 'A change that the dry run of the release made up.';

const work = mkdtempSync(join(tmpdir(), 'verotrack-release-'));
const copy = join(work, 'repository');
const problems: string[] = [];
try {
  const version = checkPrepared(publishedPackages());
  copyRepository();
  const next = nextMinor(version);
  makeRelease(next);
  checkPublished(next);
  checkTags(next);
  for (const problem of problems) console.error(problem);
  console.log(`${version} is prepared, and ${next} would follow it: ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** All packages have one version, and a changelog that has come as far. @returns the version */
function checkPrepared(packages: ReadonlyMap<string, Manifest>): string {
  const [version = ''] = new Set([...packages.values()].map((each) => each.version));
  for (const [dir, { name, version: own }] of packages) {
    if (own !== version) problems.push(`${name} is at ${own}, and others at ${version}`);
    if (latestOf(join(root, dir)) !== own) problems.push(`${dir}/CHANGELOG.md does not begin with ${own}`);
  }
  return version;
}

function makeRelease(next: string): void {
  const before = publishedPackages(copy);
  const others = privateManifests();
  const [[changedDir, changed] = ['', { name: '' }]] = before;
  writeFileSync(join(copy, '.changeset/dry-run.md'), `---\n'${changed.name}': minor\n---\n\n${CHANGE}\n`);
  git('add', '--all');
  git('commit', '--quiet', '-m', 'A change');
  changeset('version');

  for (const [dir, { name, version }] of publishedPackages(copy)) {
    if (version !== next) problems.push(`${name} would be at ${version}, not at ${next}`);
    if (latestOf(join(copy, dir)) !== next) problems.push(`${dir}/CHANGELOG.md would not begin with ${next}`);
    const tells = readFileSync(join(copy, dir, 'CHANGELOG.md'), 'utf8').includes(CHANGE);
    if (tells !== (dir === changedDir)) problems.push(`${dir}/CHANGELOG.md: a change of ${changed.name}`);
  }
  if (privateManifests() !== others) problems.push('a package that is private would change');
}

function checkPublished(next: string): void {
  const expected = [...publishedPackages(copy).values()].map(({ name }) => name);
  const answer = pnpm(...publishArguments(), '--dry-run', '--json');
  const published = JSON.parse(answer) as readonly Published[];
  const names = published.map(({ name }) => name).toSorted();
  if (names.join() !== expected.toSorted().join())
    problems.push(`these would be published: ${names.join(', ')}`);
  for (const { name, version, filename, files } of published) {
    if (filename !== `${name.slice(1).replace('/', '-')}-${next}.tgz`) problems.push(`${name}: ${filename}`);
    if (version !== next) problems.push(`${name} would be published as ${version}`);
    for (const path of ['LICENSE', 'README.md', 'package.json']) {
      if (!files.some((file) => file.path === path))
        problems.push(`${name} would be published without ${path}`);
    }
  }
  pnpm('-r', '--filter', './packages/*', 'pack', '--silent', '--out', join(work, '%s.tgz'));
  for (const name of names) checkManifest(packedManifest(name), next);
}

/** The tags that releases on GitHub are made of. */
function checkTags(next: string): void {
  const [program, ...args] = releaseCommands()[1]?.split(' ') ?? [];
  if (program !== 'changeset') problems.push(`pnpm release: ${program} makes no tags`);
  git('add', '--all');
  git('commit', '--quiet', '-m', 'Release');
  changeset(...args);
  const expected = [...publishedPackages(copy).values()].map(({ name }) => `${name}@${next}`);
  const tags = git('tag').trim().split('\n');
  if (tags.toSorted().join() !== expected.toSorted().join()) problems.push(`its tags: ${tags.join(', ')}`);
}

/** What `pnpm release` publishes with. */
function publishArguments(): string[] {
  const [publish = ''] = releaseCommands();
  const [program, ...args] = publish.split(' ');
  if (program !== 'pnpm' || !args.includes('publish'))
    problems.push(`pnpm release: ${publish} does not publish`);
  if (!args.includes('--provenance')) problems.push('pnpm release: without provenance');
  return args;
}

function releaseCommands(): string[] {
  return readManifest('.').scripts?.release?.split(' && ') ?? [];
}

/** The manifest as users get it. */
function checkManifest({ name, publishConfig, ...manifest }: Manifest, next: string): void {
  if (publishConfig?.access !== 'public') problems.push(`${name}: publishConfig.access is not public`);
  if ((publishConfig?.tag ?? 'latest') !== 'latest')
    problems.push(`${name}: its tag is ${publishConfig?.tag}`);
  for (const [other, range] of Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    const isOurs = other.startsWith('@verotrack/');
    if (isOurs ? range !== `^${next}` : range.includes(':')) problems.push(`${name}: ${other} is ${range}`);
  }
}

function packedManifest(name: string): Manifest {
  const tarball = join(work, `${name.slice(1).replace('/', '-')}.tgz`);
  return JSON.parse(run('tar', '-xzOf', tarball, 'package/package.json')) as Manifest;
}

/** What git knows and what is new, without what is ignored; and a history, which changesets ask for. */
function copyRepository(): void {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter((path) => path !== '' && existsSync(join(root, path)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  // Changes that already wait for the next release are not what is asked here.
  for (const file of readdirSync(join(copy, '.changeset'))) {
    if (file.endsWith('.md') && file !== 'README.md') rmSync(join(copy, '.changeset', file));
  }
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '--all');
}

function privateManifests(): string {
  return JSON.stringify([...workspacePackages(copy).values()].filter((manifest) => manifest.private));
}

/** The version that a changelog begins with. */
function latestOf(dir: string): string | undefined {
  try {
    return /^## (\S+)$/m.exec(readFileSync(join(dir, 'CHANGELOG.md'), 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

function nextMinor(version: string): string {
  const [major, minor] = version.split('.').map(Number);
  return `${major}.${Number(minor) + 1}.0`;
}

function git(...args: string[]): string {
  return run('git', ...args);
}

function changeset(...args: string[]): string {
  return run(process.execPath, join(root, 'node_modules/@changesets/cli/bin.js'), ...args);
}

function pnpm(...args: string[]): string {
  return run('npx', '--yes', 'pnpm@12', '--config.verify-deps-before-run=false', ...args);
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, {
    cwd: copy,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...GIT },
  });
}
