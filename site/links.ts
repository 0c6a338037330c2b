import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { sitePath } from './pages.ts';
import { repository, root } from './repository.ts';

const ELSEWHERE = /^(?:[a-z][a-z\d+.-]*:|\/\/|#|\/)/i;
const OF_REPOSITORY = new RegExp(`^${repository}/(?:blob|tree)/main/(.+)$`);

/**
 * Where a link of a Markdown file leads on the site. The files are read on GitHub, too, so their links are relative to the
 * file, or whole addresses there in what npm shows: of a page, of the folder of a page's README, or of anything else of the
 * repository, which GitHub shows.
 *
 * @param file - the file with the link, from the folder of the repository
 */
export function siteLink(file: string, href: string): string {
  const [, ofRepository] = OF_REPOSITORY.exec(href) ?? [];
  if (ofRepository === undefined && ELSEWHERE.test(href)) return href;
  const [path = '', fragment] = (ofRepository ?? href).split('#');
  const hash = fragment === undefined ? '' : `#${fragment}`;
  const target = relative(
    root,
    resolve(root, ofRepository === undefined ? dirname(file) : '', decodeURI(path)),
  );
  const page = sitePath(target) ?? sitePath(join(target, 'README.md'));
  if (page && existsSync(join(root, target))) return `/${page}${hash}`;
  const kind = statSync(join(root, target), { throwIfNoEntry: false })?.isDirectory() ? 'tree' : 'blob';
  return `${repository}/${kind}/main/${target}${hash}`;
}
