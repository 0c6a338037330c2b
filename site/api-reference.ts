/**
 * Makes the API reference out of the packages' TSDoc, as Markdown in `site/api`. Fails where a public name has no TSDoc,
 * a `{@link}` leads nowhere, or a public type refers to one that cannot be imported.
 */
import { join } from 'node:path';
import { Application, LogLevel, type TypeDocOptions } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { publicEntries, repository, root } from './repository.ts';

const entries = publicEntries();
const packages = [...new Set(entries.map((entry) => entry.package))];

const NO_VALIDATION = {
  notExported: false,
  invalidLink: false,
  invalidPath: false,
  rewrittenLink: false,
  notDocumented: false,
  unusedMergeModuleWith: false,
};

const looks: Partial<PluginOptions> = {
  entryFileName: 'index',
  excludeScopesInPaths: true,
  hidePageHeader: true,
  useCodeBlocks: true,
  indexFormat: 'table',
  parametersFormat: 'table',
};

const options: Partial<TypeDocOptions> = {
  tsconfig: join(root, 'site/tsconfig.api.json'),
  entryPoints: entries.map(({ file }) => join(root, file)),
  name: 'API reference',
  out: join(root, 'site/api'),
  readme: 'none',
  router: 'member',
  groupOrder: ['Functions', 'Classes', 'Interfaces', '*'],
  // There may be no Git where this runs.
  disableGit: true,
  gitRevision: 'main',
  sourceLinkTemplate: `${repository}/blob/main/packages/{path}#L{line}`,
  basePath: root,
  excludeInternal: true,
  excludePrivate: true,
  packagesRequiringDocumentation: packages,
  requiredToBeDocumented: [
    'Module',
    'Variable',
    'Function',
    'Class',
    'Interface',
    'Property',
    'Method',
    'Accessor',
    'TypeAlias',
  ],
  validation: { ...NO_VALIDATION, invalidLink: true, rewrittenLink: true, notDocumented: true },
  treatValidationWarningsAsErrors: true,
  logLevel: LogLevel.Warn,
};

const app = await Application.bootstrapWithPlugins({
  plugin: ['typedoc-plugin-markdown', 'typedoc-vitepress-theme'],
  ...options,
  ...looks,
  ...{ docsRoot: join(root, 'site') },
});
const project = await app.convert();
if (!project) process.exit(1);

const names = new Map(entries.map(({ name, file }) => [file, name]));
for (const module of project.children ?? []) {
  const name = names.get(module.sources?.[0]?.fileName ?? '');
  if (!name) throw new Error(`${module.name} is the module of no entry`);
  module.name = name;
}

app.validate(project);
// TypeDoc takes a type for another package's unless the project has its name.
app.options.setValue('validation', { ...NO_VALIDATION, notExported: true });
for (const name of packages) {
  project.packageName = name;
  app.validate(project);
}

if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
await app.generateOutputs(project);
