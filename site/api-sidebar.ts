import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DefaultTheme } from 'vitepress';

interface Item {
  readonly text: string;
  readonly link?: string;
  readonly items?: Item[];
}

/** Beside an entry of the API reference: every entry, and the names of that one. All names of all would slow each page. */
export function apiSidebar(): DefaultTheme.SidebarMulti {
  const file = join(import.meta.dirname, 'api/typedoc-sidebar.json');
  const entries = JSON.parse(readFileSync(file, 'utf8')) as Item[];
  const list = { text: 'API reference', items: entries.map(({ text, link = '' }) => ({ text, link })) };
  const beside = (entry: Item): DefaultTheme.SidebarItem[] => [list, ...open(entry.items ?? [])];
  return {
    '/api/': [list],
    ...Object.fromEntries(entries.map((entry) => [entry.link, beside(entry)])),
  };
}

function open(groups: Item[]): DefaultTheme.SidebarItem[] {
  return groups.map((group) => ({ ...group, collapsed: false }));
}
