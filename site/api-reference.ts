/**
 * Makes the API reference out of the packages' TSDoc, as Markdown in `site/api`. Fails where a public name has no TSDoc,
 * a `{@link}` leads nowhere, or a public type refers to one that cannot be imported.
 */
import { join } from 'node:path';
import {
  Application,
  type Comment,
  LogLevel,
  type ProjectReflection,
  type Reflection,
  ReflectionKind,
  type TypeDocOptions,
} from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { type PublicEntry, publicEntries, repository, root } from './repository.ts';

/** Types that public ones refer to, and that stay inside: steps of a type, or what adapters reach but never name. */
const INTERNAL_TYPES: Readonly<Record<string, readonly string[]>> = {
  '@verotrack/core': [
    'ArgumentsFor',
    'AvailableListener',
    'Callback',
    'CheckedIdentity',
    'ChosenData',
    'ClientInternals',
    'EventFactory',
    'Exact',
    'Given',
    'IdValue',
    'IdentityKeys',
    'MaybePromise',
    'Name',
    'OnlyChosen',
    'OptionRules',
    'ProblemListener',
    'Scope',
    'Shown',
  ],
  '@verotrack/nestjs': ['RequestOptions'],
  '@verotrack/sqlite': ['MaybePromise'],
  '@verotrack/testing': ['MatcherContext', 'MatcherResult'],
  '@verotrack/trpc': ['EventInMeta', 'Given', 'NameAlone'],
};

const NO_VALIDATION = {
  notExported: false,
  invalidLink: false,
  invalidPath: false,
  rewrittenLink: false,
  notDocumented: false,
  unusedMergeModuleWith: false,
};

const markdown: Partial<PluginOptions> & { readonly docsRoot: string } = {
  docsRoot: import.meta.dirname,
  entryFileName: 'index',
  excludeScopesInPaths: true,
  hidePageHeader: true,
  useCodeBlocks: true,
  indexFormat: 'table',
  parametersFormat: 'table',
};

function optionsFor(entries: readonly PublicEntry[]): Partial<TypeDocOptions> {
  return {
    plugin: ['typedoc-plugin-markdown', 'typedoc-vitepress-theme'],
    tsconfig: join(import.meta.dirname, 'tsconfig.api.json'),
    entryPoints: entries.map(({ file }) => join(root, file)),
    name: 'API reference',
    out: join(import.meta.dirname, 'api'),
    readme: 'none',
    router: 'member',
    groupOrder: ['Functions', 'Classes', 'Interfaces', '*'],
    basePath: root,
    // There may be no Git where this runs.
    disableGit: true,
    gitRevision: 'main',
    sourceLinkTemplate: `${repository}/blob/main/packages/{path}#L{line}`,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    packagesRequiringDocumentation: packagesOf(entries),
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
    validation: { ...NO_VALIDATION, invalidLink: true, rewrittenLink: true },
    treatValidationWarningsAsErrors: true,
    logLevel: LogLevel.Warn,
  };
}

const entries = publicEntries();
const app = await Application.bootstrapWithPlugins({ ...optionsFor(entries), ...markdown });
const project = await app.convert();
if (project) {
  nameModules(project, entries);
  validate(app, project, packagesOf(entries));
  await app.generateOutputs(project);
}
if (!project || app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;

function packagesOf(entries: readonly PublicEntry[]): string[] {
  return [...new Set(entries.map((entry) => entry.package))];
}

/** By what is imported, instead of by the file. */
function nameModules(project: ProjectReflection, entries: readonly PublicEntry[]): void {
  const names = new Map(entries.map(({ name, file }) => [file, name]));
  for (const module of project.children ?? []) {
    const name = names.get(module.sources?.[0]?.fileName ?? '');
    if (!name) throw new Error(`No entry has the module ${module.name}`);
    module.name = name;
  }
}

function validate(app: Application, project: ProjectReflection, packages: readonly string[]): void {
  app.validate(project);
  app.options.setValue('validation', { ...NO_VALIDATION, notDocumented: true });
  app.options.setValue('intentionallyNotDocumented', inlineMembers(project));
  app.validate(project);
  for (const name of tagsAlone(project)) app.logger.warn(`${name} has tags, and no word of what it is`);
  app.options.setValue('validation', { ...NO_VALIDATION, notExported: true });
  for (const name of packages) {
    // TypeDoc takes a type for another package's unless the project has the name of its package.
    project.packageName = name;
    app.options.setValue('intentionallyNotExported', [...(INTERNAL_TYPES[name] ?? [])]);
    app.validate(project);
  }
}

/** The members of a `{ … }` that stands inside a type: the comment of the whole says what there is to say. */
function inlineMembers(project: ProjectReflection): string[] {
  const members = project
    .getReflectionsByKind(ReflectionKind.Property | ReflectionKind.CallSignature)
    .filter((member) => !member.hasComment() && !isOfParameter(member) && isInline(member));
  return [...new Set(members.map((member) => member.getFriendlyFullName()))];
}

/** What has a comment that only says what it throws, or what its default is. What a constructor is need not be said. */
function tagsAlone(project: ProjectReflection): string[] {
  const names = project
    .getReflectionsByKind(ReflectionKind.All)
    .filter(({ comment }) => comment && isEmpty(comment))
    .filter(({ kind, parent }) => kind !== ReflectionKind.ConstructorSignature && !isFunctionType(parent))
    .map((each) => each.getFriendlyFullName());
  return [...new Set(names)];
}

/** The tags of a property whose value is a function are moved to the function, and its words are not. */
function isFunctionType(owner: Reflection | undefined): boolean {
  return owner?.kindOf(ReflectionKind.TypeLiteral) ?? false;
}

function isEmpty({ summary, blockTags }: Comment): boolean {
  return blockTags.length > 0 && summary.every(({ text }) => text.trim() === '');
}

function isInline(member: Reflection): boolean {
  const owner = member.kindOf(ReflectionKind.CallSignature) ? member.parent?.parent : member.parent;
  return owner?.kindOf(ReflectionKind.TypeLiteral) ?? false;
}

/** TypeDoc asks for no comment there. */
function isOfParameter({ parent }: Reflection): boolean {
  return !!parent && (parent.kindOf(ReflectionKind.Parameter) || isOfParameter(parent));
}
