/**
 * Looks for secrets in every file of the project, built ones among them: what looks like a real one anywhere, and the
 * credentials of tests wherever something else than a test has them.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './workspace.ts';

/** Every credential in the tests has this in it. */
export const TEST_MARKER = 'tok_secret_';

const PATTERNS: Readonly<Record<string, RegExp>> = {
  'a private key': /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[\w+/=]{20}/,
  'an AWS access key': /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  'an npm token': /\bnpm_[A-Za-z0-9]{36}\b/,
  'a GitHub token': /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{60,})\b/,
  'a Google API key': /\bAIza[\w-]{35}\b/,
  'a Slack token': /\bxox[abprs]-[A-Za-z0-9-]{20,}\b/,
  'a Stripe key': /\b[rs]k_live_[A-Za-z0-9]{20,}\b/,
  'a JSON web token': /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/,
  'a registry login': /_authToken=(?!\$)[\w-]{10,}/,
};

/** Whether a credential of a test is in a text. The marker alone is none: CONTRIBUTING speaks of it. */
export function hasTestCredential(text: string): boolean {
  return new RegExp(`${TEST_MARKER}\\w`).test(text);
}

/** What is in a text, by kind; never the secret itself. */
export function secretsIn(text: string): string[] {
  return Object.entries(PATTERNS)
    .filter(([, pattern]) => pattern.test(text))
    .map(([kind]) => kind);
}

/** Others answer for what they publish; the rest is how tools remember. */
const NOT_OURS: ReadonlySet<string> = new Set(['node_modules', '.git', '.tsbuild']);
/** What shows something to somebody, or is published. Tests, and what documents them, name credentials of tests. */
const SHOWN =
  /(^|\/)(dist|\.page|results)\/|^docs\/|^packages\/(?!adapter-suite)[^/]+\/(src|README\.md)|^README\.md$|^site\//;
/** Of the server of a test, on this machine only. */
const KNOWN: ReadonlySet<string> = new Set(['packages/core/test/faults/server.key: a private key']);
const MAX_BYTES = 20 * 1024 * 1024;

/** Every place where a secret is, as `path: kind`. */
export function scanFiles(folder: string = root): string[] {
  const found: string[] = [];
  for (const path of filesIn(folder)) {
    if (statSync(path).size > MAX_BYTES) continue;
    const text = readFileSync(path, 'latin1');
    const place = relative(folder, path);
    for (const kind of secretsIn(text)) found.push(`${place}: ${kind}`);
    if (SHOWN.test(place) && hasTestCredential(text)) found.push(`${place}: a credential of a test`);
  }
  return found.filter((place) => !KNOWN.has(place));
}

function* filesIn(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !NOT_OURS.has(entry.name)) yield* filesIn(path);
    else if (entry.isFile()) yield path;
  }
}

if (import.meta.main) {
  const found = scanFiles();
  for (const place of found) console.error(place);
  console.log(`${found.length} secrets found`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
