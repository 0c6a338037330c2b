import { globSync } from 'node:fs';

/** The Markdown that people read, by its path in the repository: what is checked of docs is checked of all of it. */
export function markdownFiles(root: string): string[] {
  const patterns = [
    '*.md',
    'docs/**/*.md',
    'packages/*/README.md',
    'examples/README.md',
    'examples/*/README.md',
  ];
  return globSync(patterns, { cwd: root }).toSorted();
}
