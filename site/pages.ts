import { globSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { root } from './repository.ts';

interface Section {
  readonly title: string;
  /** Files, or patterns of files: a page stands where it is first named. */
  readonly pages: readonly string[];
}

/** The Markdown files that are pages of the site. */
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CODE_OF_CONDUCT.md',
  'docs/**/*.md',
  'packages/*/README.md',
];

/** The site's sections, in order. A page may be missing; one that is in no section fails the docs' tests. */
const SECTIONS: readonly Section[] = [
  {
    title: 'Getting started',
    pages: [
      'README.md',
      'docs/getting-started/express.md',
      'docs/getting-started/nestjs.md',
      'docs/getting-started/trpc.md',
      'docs/getting-started/*.md',
    ],
  },
  {
    title: 'Concepts',
    pages: ['docs/concepts.md', 'docs/catalogue.md', 'docs/testing.md', 'docs/architecture.md'],
  },
  {
    title: 'Recipes',
    pages: [
      'docs/recipes/passport.md',
      'docs/recipes/authjs.md',
      'docs/recipes/better-auth.md',
      'docs/recipes/jwt.md',
      'docs/recipes/redirecting-forms.md',
      'docs/recipes/consent-and-redaction.md',
      'docs/recipes/jobs.md',
      'docs/recipes/prisma.md',
      'docs/recipes/serverless.md',
      'docs/recipes/compose.md',
      'docs/recipes/*.md',
    ],
  },
  {
    title: 'Operating',
    pages: [
      'docs/reliability.md',
      'docs/outbox.md',
      'docs/scaling.md',
      'docs/fleet.md',
      'docs/observability.md',
      'docs/performance.md',
      'docs/benchmarks.md',
    ],
  },
  { title: 'Migrating', pages: ['docs/comparison.md', 'docs/migrating/getvero.md', 'docs/migrating/*.md'] },
  {
    title: 'Packages',
    pages: [
      'packages/core/README.md',
      'packages/express/README.md',
      'packages/nestjs/README.md',
      'packages/trpc/README.md',
      'packages/*/README.md',
    ],
  },
  {
    title: 'Contributing',
    pages: [
      'CONTRIBUTING.md',
      'docs/writing-an-adapter.md',
      'docs/dependencies.md',
      'SECURITY.md',
      'CODE_OF_CONDUCT.md',
    ],
  },
];

export interface SidebarSection {
  readonly text: string;
  readonly items: readonly { readonly text: string; readonly link: string }[];
}

/** The pages that there are, as files of the repository. */
export function pages(): string[] {
  return globSync(PAGES, { cwd: root }).toSorted();
}

/** Where a page's Markdown is for the site: `packages/core.md` for `packages/core/README.md`. `undefined` for what is no page. */
export function sitePath(file: string): string | undefined {
  if (!PAGES.some((pattern) => matchesGlob(file, pattern))) return undefined;
  if (file === 'README.md') return 'index.md';
  const below = file.replace(/^docs\//, '').replace(/\/README\.md$/, '.md');
  return below.includes('/') ? below : below.toLowerCase().replaceAll('_', '-');
}

/** The sections that have pages, and each page by its first heading. */
export function sidebar(): SidebarSection[] {
  const left = new Set(pages());
  return SECTIONS.map(({ title, pages: patterns }) => {
    const files = patterns.flatMap((pattern) => [...left].filter((file) => matchesGlob(file, pattern)));
    const own = [...new Set(files)];
    for (const file of own) left.delete(file);
    return { text: title, items: own.map((file) => ({ text: pageTitle(file), link: `/${sitePath(file)}` })) };
  }).filter(({ items }) => items.length > 0);
}

/** The pages that are in no section. */
export function strayPages(): string[] {
  const patterns = SECTIONS.flatMap((section) => section.pages);
  return pages().filter((file) => !patterns.some((pattern) => matchesGlob(file, pattern)));
}

function pageTitle(file: string): string {
  if (file === 'README.md') return 'Overview';
  const [, title] = /^# (.+)$/m.exec(readFileSync(join(root, file), 'utf8')) ?? [];
  if (!title) throw new Error(`${file} has no heading`);
  return title.replaceAll('`', '');
}
