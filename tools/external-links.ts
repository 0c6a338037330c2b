/** Asks the network about every external link of the docs: `npx --yes pnpm@12 docs:links`. It is no part of the checks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { remark } from 'remark';
import remarkGfm from 'remark-gfm';
import { visit } from 'unist-util-visit';
import { markdownFiles } from './markdown-files.ts';
import { root } from './workspace.ts';

const NOT_ASKED = /^https?:\/\/(localhost|127\.0\.0\.1|example\.com)\b/;
const TIMEOUT_MS = 20_000;
/** Some sites answer programs so, whatever the page. */
const NOT_FOR_PROGRAMS = [401, 403, 405, 429];

/** The links of a Markdown file that lead elsewhere, without fragments. */
export function externalLinks(markdown: string): string[] {
  const links = new Set<string>();
  visit(remark().use(remarkGfm).parse(markdown), ['link', 'definition', 'image'], (node) => {
    const url = 'url' in node ? node.url : '';
    if (/^https?:/.test(url) && !NOT_ASKED.test(url)) links.add(url.replace(/#.*$/, ''));
  });
  return [...links];
}

/** Why a link is dead; `undefined` for one that is not. */
export async function whyDead(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok || NOT_FOR_PROGRAMS.includes(response.status) ? undefined : `${response.status}`;
  } catch (thrown) {
    const { message, cause } = thrown as Error;
    return cause instanceof Error ? cause.message : message;
  }
}

if (import.meta.main) {
  const places = new Map<string, string[]>();
  for (const file of markdownFiles(root)) {
    for (const url of externalLinks(readFileSync(join(root, file), 'utf8'))) {
      places.set(url, [...(places.get(url) ?? []), file]);
    }
  }
  let dead = 0;
  for (const [url, where] of places) {
    const reason = await whyDead(url);
    if (reason === undefined) continue;
    dead++;
    console.log(`${url}: ${reason} (${where.join(', ')})`);
  }
  console.log(`${places.size} external links, ${dead} dead`);
  process.exitCode = dead === 0 ? 0 : 1;
}
