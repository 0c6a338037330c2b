/** Compiles every entry, and what consumers make of them, with each compiler that users have. */
import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { write } from './install.ts';
import type { PackedPackage } from './pack.ts';
import type { Report } from './report.ts';
import type { Task } from './run.ts';
import { type CompilerVersion, compile } from './typescript.ts';

type Options = Readonly<Record<string, unknown>>;

const nodenext: Options = { module: 'nodenext' };
const bundler: Options = { module: 'esnext', moduleResolution: 'bundler' };
const preserve: Options = { module: 'preserve', moduleResolution: 'bundler' };
/** The last to refuse an ES module's types in CommonJS. */
const node18: Options = { module: 'node18' };
/** As before packages had `exports`. */
const classic: Options = { module: 'commonjs', moduleResolution: 'node10' };
const exact: Options = { exactOptionalPropertyTypes: true };
/** As on a server that wants no browser's globals. */
const withoutDom: Options = { lib: ['es2023'] };
const inexact: Options = { exactOptionalPropertyTypes: false };

/** Each way that a project is set up; the new compiler takes all of them in no time, the others take turns. */
const SETUPS: Readonly<Record<'module' | 'commonjs', readonly (readonly [CompilerVersion, ...Options[]])[]>> =
  {
    module: [
      ['5.9', nodenext, exact],
      ['5.9', bundler, inexact],
      ['6', nodenext, inexact],
      ['6', preserve, exact],
      ['7', nodenext, exact],
      ['7', nodenext, inexact, withoutDom],
      ['7', bundler, exact],
      ['7', preserve, inexact],
    ],
    commonjs: [
      ['5.9', nodenext, inexact],
      ['5.9', preserve, exact],
      ['5.9', classic, exact],
      ['6', nodenext, exact],
      ['6', bundler, inexact],
      ['6', classic, inexact, { ignoreDeprecations: '6.0' }],
      ['7', nodenext, exact],
      ['7', nodenext, inexact, withoutDom],
      ['7', node18, exact],
      ['7', bundler, inexact],
      ['7', preserve, exact],
    ],
  };

export function typeChecks(
  app: string,
  type: 'module' | 'commonjs',
  packages: readonly PackedPackage[],
  report: Report,
): Task[] {
  // Each belongs to one major of Vitest.
  const otherVitest = type === 'module' ? 'vitest-4' : 'vitest';
  const entries = packages
    .flatMap((each) => each.entries)
    .filter((entry) => entry !== `@verotrack/testing/${otherVitest}`);
  const lines = entries.map((entry, i) => `import * as entry${i} from '${entry}';\nexport { entry${i} };\n`);
  const consumers = globSync('consumer/*.ts', { cwd: app, exclude: [`**/testing-${otherVitest}.ts`] });
  const all = ['entries.ts', ...consumers];
  writeFileSync(join(app, 'entries.ts'), lines.join(''));
  const withoutVitest = [
    'entries-without-vitest.ts',
    ...consumers.filter((file) => !file.includes('vitest')),
  ];
  writeFileSync(
    join(app, 'entries-without-vitest.ts'),
    lines.filter((line) => !line.includes('/vitest')).join(''),
  );
  return SETUPS[type].map(([version, ...options], i) => async () => {
    const setup: Options = Object.assign({}, ...options);
    const file = `tsconfig.${i}.json`;
    write(join(app, file), {
      files: vitestCompiles(type, setup) ? all : withoutVitest,
      compilerOptions: {
        target: 'es2023',
        types: ['node'],
        strict: true,
        esModuleInterop: true,
        experimentalDecorators: true,
        skipLibCheck: false,
        // Whatever a consumer exports, its type can be written down.
        declaration: true,
        emitDeclarationOnly: true,
        rootDir: '.',
        outDir: `built/${i}`,
        ...setup,
      },
    });
    const what = `types as ${type} for TypeScript ${version} with ${JSON.stringify(setup)}`;
    await report.attempt(what, () => compile(app, version, '--project', file));
    report.counts.typeChecks += 1;
  });
}

/** Vitest's own types do not resolve without `exports`, and those of Vitest 4 are not exact. */
function vitestCompiles(type: 'module' | 'commonjs', setup: Options): boolean {
  if (setup.moduleResolution === 'node10') return false;
  return type === 'module' || setup.exactOptionalPropertyTypes === false;
}
