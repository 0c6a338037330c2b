/** What may be in a tarball, and what its `package.json` and its README have to say. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../site/repository.ts';
import { hasTestCredential, secretsIn } from '../secret-scan.ts';
import { root } from '../workspace.ts';
import type { PackedPackage } from './pack.ts';

const OF_REPOSITORY = new RegExp(`^${repository}/(?:blob|tree)/main/([^#]+)`);
const FILES = /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/.+)$/;
/** Code with its types, and the inspector's page. */
const BUILT = /^dist\/([\w-]+(\.d)?\.[cm][jt]s|page\/.+\.(html|js|css|svg))$/;
const SOURCE_MAP = /\/[/*][#@] sourceMappingURL=(?!data:)(\S+)/;
/** Conditions and paths that only this workspace has. */
const OF_THE_WORKSPACE = /workspace:|\.\/src\/|"(development|source)"/;

export type Tarball = Pick<PackedPackage, 'dir' | 'manifest' | 'files'>;

export function tarballProblems(packed: Tarball): string[] {
  return [...fileProblems(packed), ...manifestProblems(packed), ...readmeProblems(packed)];
}

function fileProblems({ files }: Tarball): string[] {
  const problems: string[] = [];
  for (const file of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']) {
    if (!files.has(file)) problems.push(`${file} is missing`);
  }
  for (const [file, text] of files) {
    if (!FILES.test(file)) problems.push(`${file} does not belong into it`);
    else if (file.startsWith('dist/') && !BUILT.test(file))
      problems.push(`${file} is nothing that a build makes`);
    const [, map] = SOURCE_MAP.exec(text) ?? [];
    for (const kind of secretsIn(text)) problems.push(`${file}: ${kind} is in it`);
    if (hasTestCredential(text)) problems.push(`${file}: a credential of a test is in it`);
    if (map) problems.push(`${file} points to ${map}: we publish no source maps`);
  }
  return problems;
}

function manifestProblems({ dir, manifest }: Tarball): string[] {
  const problems: string[] = [];
  const expected = {
    license: 'MIT',
    type: 'module',
    homepage: `${repository}/tree/main/${dir}#readme`,
    repository: { type: 'git', url: `git+${repository}.git`, directory: dir },
    bugs: { url: `${repository}/issues` },
    engines: { node: '>=22.19' },
    publishConfig: { access: 'public', provenance: true },
    files: ['dist', 'CHANGELOG.md'],
  };
  for (const [field, value] of Object.entries(expected)) {
    const [is, should] = [manifest[field], value].map((each) => JSON.stringify(each));
    if (is !== should) problems.push(`package.json: ${field} is ${is}, not ${should}`);
  }
  const { description, keywords, sideEffects, scripts = {}, devDependencies: _, ...rest } = manifest;
  if (typeof description !== 'string' || description === '') problems.push('package.json: no description');
  if (!Array.isArray(keywords) || !keywords.includes('vero') || keywords.length < 3) {
    problems.push('package.json: keywords has to have "vero" and two more');
  }
  // A list names what has some; all else may be left out of a bundle.
  if (sideEffects !== false && !Array.isArray(sideEffects))
    problems.push('package.json: sideEffects is not said');
  const atInstall = Object.keys(scripts as object).filter((name) =>
    /^(pre|post)?install$|^prepare$/.test(name),
  );
  if (atInstall.length > 0) problems.push(`package.json: ${atInstall} would run where it is installed`);
  const [ofTheWorkspace] = OF_THE_WORKSPACE.exec(JSON.stringify({ sideEffects, ...rest })) ?? [];
  if (ofTheWorkspace) problems.push(`package.json: ${ofTheWorkspace} means something in this workspace only`);
  return problems;
}

/** npm's page, an editor and GitHub all show a README, and only links that begin with `https:` work in all of them. */
function readmeProblems({ files }: Tarball): string[] {
  const problems: string[] = [];
  const readme = (files.get('README.md') ?? '').replace(/^```.*?^```/gms, '');
  for (const [, target = ''] of readme.matchAll(/\]\(([^)\s]+)\)/g)) {
    const [, path] = OF_REPOSITORY.exec(target) ?? [];
    if (!/^(https?:|#)/.test(target)) {
      problems.push(`README.md: ${target} leaves the package: write ${repository}/blob/main/…`);
    } else if (path && !existsSync(join(root, path))) {
      problems.push(`README.md: there is no ${path} in the repository`);
    }
  }
  return problems;
}
