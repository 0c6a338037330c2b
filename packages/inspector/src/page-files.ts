import { readdir, readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Refusal } from './refusal.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
};
const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Vero inspector</title>
<h1>Vero inspector</h1>
<p>It takes events, but its page is not built here. Build it, and load this again:</p>
<pre>pnpm --filter @verotrack/inspector build:page</pre>
</html>
`;

const PAGE_FOLDER: string = fileURLToPath(
  new URL(/\.ts$/.test(import.meta.url) ? '../.page/' : './page/', import.meta.url),
);

/** The page as it was built: in `dist/page` of the package, or in `.page` beside the sources. */
export class PageFiles {
  readonly #folder: string;
  /** By path, such as `/assets/index.js`. */
  #files: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(folder: string = PAGE_FOLDER) {
    this.#folder = folder;
  }

  /** Only what is in the folder is found: no path leads out of it. */
  async send(res: ServerResponse, path: string, isHead: boolean): Promise<void> {
    const wanted = path === '/' ? '/index.html' : path;
    let file = (await this.#list()).get(wanted);
    // It may have been built again meanwhile.
    if (file === undefined) {
      this.#files = undefined;
      file = (await this.#list()).get(wanted);
    }
    const found = file === undefined ? undefined : await this.#read(file);
    if (!found && path !== '/') {
      throw new Refusal(
        404,
        'Not found: the page of the inspector is at /, and the Track API under /api/v2.',
      );
    }
    const body = found ?? Buffer.from(NOT_BUILT);
    res.setHeader('content-type', TYPES[extname(wanted)] ?? 'application/octet-stream');
    res.setHeader('content-length', body.length);
    res.end(isHead ? undefined : body);
  }

  /** @returns `undefined` when it is gone: the page is just being built */
  async #read(file: string): Promise<Buffer | undefined> {
    try {
      return await readFile(file);
    } catch {
      this.#files = undefined;
      return undefined;
    }
  }

  #list(): Promise<ReadonlyMap<string, string>> {
    return (this.#files ??= listFiles(this.#folder));
  }
}

/** Folder by folder, for `recursive` follows links in some versions of Node. */
async function listFiles(folder: string, path = '/'): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const file = join(folder, entry.name);
    if (entry.isFile()) files.set(path + entry.name, file);
    if (!entry.isDirectory()) continue;
    for (const [name, inner] of await listFiles(file, `${path}${entry.name}/`)) files.set(name, inner);
  }
  return files;
}
