/**
 * Keeps the docs' ```sh blocks true: packages that are installed exist, scripts and commands are there, options are those
 * of `--help`, files are where they are said to be.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { remark } from 'remark';
import { parse } from 'shell-quote';
import { visit } from 'unist-util-visit';
import { markdownFiles } from './markdown-files.ts';
import { workspacePackages } from './workspace.ts';

/** What the blocks are held against. */
export interface Workspace {
  /** Ours, and those that the workspace depends on. */
  readonly packages: ReadonlySet<string>;
  /** The scripts of each package of the workspace; those of the workspace are under an empty name. */
  readonly scripts: ReadonlyMap<string, readonly string[]>;
  /** What the `--help` of our commands says, by the names that `npx` takes. */
  readonly help: ReadonlyMap<string, string>;
  readonly hasFile: (path: string) => boolean;
}

/** Programs of which nothing is checked, and why. */
const UNCHECKED: Readonly<Record<string, string>> = {
  curl: 'asks a server that has to run',
  docker: 'is not there everywhere',
  export: 'sets variables',
};

/** Files of other folders are of the reader's own application. */
const OUR_FOLDERS = /^(packages|examples|benchmarks|tools|site)\//;

const PNPM_COMMANDS = ['install', 'exec'];
const INSTALL = /^(npm (i|install|add)|(pnpm|yarn) add)$/;

/** What is wrong in the ```sh blocks of a Markdown file. */
export function checkShellBlocks(markdown: string, workspace: Workspace): string[] {
  const problems: string[] = [];
  visit(remark().parse(markdown), 'code', ({ lang, value, position }) => {
    if (lang !== 'sh') {
      if (/^(bash|shell|console|zsh)$/.test(lang ?? ''))
        problems.push(`line ${position?.start.line}: use \`sh\``);
      return;
    }
    for (const command of commandsOf(value)) {
      const problem = checkCommand(command, workspace);
      if (problem) problems.push(`line ${position?.start.line}: ${command.join(' ')}: ${problem}`);
    }
  });
  return problems;
}

/** The words of each command of a script, without variables that are set for it, comments, and files of its output. */
export function commandsOf(script: string): string[][] {
  const commands: string[][] = [];
  for (const line of script.replaceAll('\\\n', ' ').split('\n')) {
    let words: string[] = [];
    let isFile = false;
    for (const part of parse(line, (name) => `$${name}`)) {
      if (typeof part === 'object' && 'comment' in part) break;
      if (typeof part === 'object' && part.op !== 'glob') {
        isFile = /[<>]/.test(part.op);
        if (!isFile) commands.push(words);
        if (!isFile) words = [];
      } else if (isFile) isFile = false;
      else words.push(typeof part === 'string' ? part : 'pattern' in part ? part.pattern : '');
    }
    commands.push(words);
  }
  return commands.map(withoutVariables).filter((words) => words.length > 0);
}

function withoutVariables(words: string[]): string[] {
  const first = words.findIndex((word) => !/^\w+=/.test(word));
  return first < 0 ? [] : words.slice(first);
}

function checkCommand(words: readonly string[], workspace: Workspace): string | undefined {
  const [program = '', ...args] = words;
  if (Object.hasOwn(UNCHECKED, program)) return undefined;
  if (INSTALL.test(`${program} ${args[0]}`)) return unknownPackages(args.slice(1), workspace);
  if (program === 'npx') return checkNpx(args, workspace);
  if (program === 'node') return checkNode(args, workspace);
  return 'not known: check it in tools/shell-blocks.ts, or say there why it is not';
}

/** The names may have versions. */
function unknownPackages(args: readonly string[], { packages }: Workspace): string | undefined {
  const names = args.filter((arg) => !arg.startsWith('-')).map((arg) => arg.replace(/(?<=.)@.*$/, ''));
  const unknown = names.filter((name) => !packages.has(name));
  return unknown.length > 0 ? `nothing here is or depends on ${unknown.join(', ')}` : undefined;
}

function checkNpx(args: readonly string[], workspace: Workspace): string | undefined {
  const [name = '', ...rest] = args.filter((arg, i) => !(i === 0 && /^(-y|--yes)$/.test(arg)));
  if (name === 'pnpm@12') return checkPnpm(rest, workspace);
  const help = workspace.help.get(name);
  if (help === undefined) return unknownPackages([name], workspace);
  const options = rest.filter((arg) => arg.startsWith('--')).map((arg) => arg.replace(/=.*$/, ''));
  const subcommands = rest.filter((arg, i) => /^[a-z][a-z-]*$/.test(arg) && !rest[i - 1]?.startsWith('--'));
  const unknown = [...options, ...subcommands].filter((word) => !hasWord(help, word));
  return unknown.length > 0 ? `its --help has no ${unknown.join(', ')}` : undefined;
}

function hasWord(text: string, word: string): boolean {
  return text.split(/[^\w-]+/).includes(word);
}

function checkPnpm(args: readonly string[], workspace: Workspace): string | undefined {
  const isFiltered = args[0] === '--filter';
  const [script = '', ...rest] = (isFiltered ? args.slice(2) : args).filter((arg) => arg !== 'run');
  const scripts = workspace.scripts.get(isFiltered ? (args[1] ?? '') : '');
  if (!scripts) return `there is no package ${args[1]}`;
  if (script === 'exec' && rest[0] === 'node') return checkNode(rest.slice(1), workspace);
  if (PNPM_COMMANDS.includes(script) || scripts.includes(script)) return undefined;
  return `there is no script ${script}`;
}

function checkNode(args: readonly string[], { hasFile }: Workspace): string | undefined {
  const missing = args.find((arg) => OUR_FOLDERS.test(arg) && !hasFile(arg));
  return missing && `there is no file ${missing}`;
}

/** What the repository has. */
export function readWorkspace(root: string): Workspace {
  const packages = new Set<string>();
  const scripts = new Map<string, readonly string[]>();
  const help = new Map<string, string>();
  for (const [dir, manifest] of workspacePackages(root)) {
    packages.add(manifest.name);
    for (const each of [
      manifest.dependencies,
      manifest.devDependencies,
      manifest.optionalDependencies,
      manifest.peerDependencies,
    ]) {
      for (const name of Object.keys(each ?? {})) packages.add(name);
    }
    scripts.set(dir === '.' ? '' : manifest.name, Object.keys(manifest.scripts ?? {}));
    for (const [name, file] of Object.entries(manifest.bin ?? {})) {
      const text = execFileSync(process.execPath, [join(root, dir, file), '--help'], { encoding: 'utf8' });
      help.set(name, text);
      help.set(manifest.name, text);
    }
  }
  return { packages, scripts, help, hasFile: (path) => existsSync(join(root, path)) };
}

/** What is wrong in the ```sh blocks of all docs. */
export function checkShell(root: string): string[] {
  const workspace = readWorkspace(root);
  return markdownFiles(root).flatMap((file) =>
    checkShellBlocks(readFileSync(join(root, file), 'utf8'), workspace).map(
      (problem) => `${file}: ${problem}`,
    ),
  );
}
