import { relative } from 'node:path';
import { slug } from 'github-slugger';
import { type DefaultTheme, defineConfig } from 'vitepress';
import { apiSidebar } from '../api-sidebar.ts';
import { siteLink } from '../links.ts';
import { sidebar, sitePath } from '../pages.ts';
import { repository, root } from '../repository.ts';

export default defineConfig({
  title: 'Verotrack',
  description: 'Vero event tracking for TypeScript servers',
  srcDir: root,
  // GitHub Pages has the site in a folder.
  base: process.env.DOCS_BASE ?? '/',
  cleanUrls: true,
  srcExclude: ['{examples,benchmarks,tools}/**', 'packages/*/*/**', 'packages/*/!(README).md', 'site/*.md'],
  // Of what runs on the reader's machine.
  ignoreDeadLinks: 'localhostLinks',
  rewrites: (file) => sitePath(file) ?? file.replace(/^site\//, ''),
  markdown: {
    anchor: { slugify: (heading) => slug(heading) },
    config: (markdown) => {
      // As on GitHub, `README.md` is no link to Moldova.
      markdown.linkify.set({ fuzzyLink: false });
      const render = markdown.render.bind(markdown);
      // Two braces are Vue's in its own pages. In ours they are text.
      markdown.render = (source, env) => render(source, env).replaceAll('{{', '&#123;&#123;');
      markdown.core.ruler.push('links-of-the-repository', ({ tokens, env }) => {
        const file = relative(root, env.realPath ?? env.path);
        if (file.startsWith('site/')) return;
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.type === 'link_open' && token.attrGet('href');
          if (href) token.attrSet('href', siteLink(file, href));
        }
      });
    },
  },
  transformPageData: ({ filePath, frontmatter }) => {
    if (filePath.startsWith('site/')) frontmatter.editLink = false;
  },
  vite: {
    // The search index is larger, and loads at the first search.
    build: { chunkSizeWarningLimit: 2_000 },
  },
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/' },
      { text: 'API reference', link: '/api/' },
    ],
    sidebar: { ...apiSidebar(), '/': sidebar() as DefaultTheme.SidebarItem[] },
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: repository }],
    editLink: { pattern: `${repository}/edit/main/:path` },
  },
});
