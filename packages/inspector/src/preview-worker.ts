/** Renders templates in a thread of its own, which can be ended when one does not end by itself. */
import { parentPort } from 'node:worker_threads';
import { Liquid, type Template } from 'liquidjs';
import type { Preview } from './page-contract.ts';

const MAX_OUTPUT_CHARACTERS = 256 * 1024;
const MAX_UNDEFINED_NAMES = 100;
const OTHER_TEMPLATES = ['include', 'render', 'layout', 'block'];

const engine = new Liquid({
  ownPropertyOnly: true,
  // A typo would be without effect.
  strictFilters: true,
  parseLimit: 100_000,
  renderLimit: 500,
  memoryLimit: 5_000_000,
  // A map goes before the file system, which is never looked at.
  templates: {},
});
for (const name of OTHER_TEMPLATES) {
  engine.registerTag(name, {
    parse() {
      throw new Error(`{% ${name} %} needs another template, and a preview has this one only`);
    },
    render() {},
  });
}

parentPort?.on('message', ({ template, scope }: { template: string; scope: string }) => {
  parentPort?.postMessage(preview(template, JSON.parse(scope)));
});

function preview(template: string, scope: object): Preview {
  let undefinedNames: readonly string[] = [];
  try {
    const parsed = engine.parse(template);
    undefinedNames = undefinedIn(parsed, scope);
    const output = String(engine.renderSync(parsed, scope));
    if (output.length <= MAX_OUTPUT_CHARACTERS) return { output, undefinedNames, error: null };
    const error = `the result is longer than ${MAX_OUTPUT_CHARACTERS} characters, and is cut`;
    return { output: output.slice(0, MAX_OUTPUT_CHARACTERS), undefinedNames, error };
  } catch (thrown) {
    return { output: '', undefinedNames, error: (thrown as Error).message };
  }
}

/** The names that a template takes from outside and does not find there. */
function undefinedIn(parsed: Template[], scope: object): readonly string[] {
  const names = new Set<string>();
  for (const segments of engine.globalVariableSegmentsSync(parsed)) {
    // What stands behind a computed key is known at rendering only.
    const end = segments.findIndex((each) => typeof each === 'object');
    const path = (end < 0 ? segments : segments.slice(0, end)) as readonly (string | number)[];
    if (path.length > 0 && !isDefined(path, scope)) names.add(path.join('.'));
  }
  return [...names].slice(0, MAX_UNDEFINED_NAMES);
}

function isDefined(path: readonly (string | number)[], scope: object): boolean {
  let value: unknown = scope;
  for (const key of path) {
    const hasSize = typeof value === 'string' || (typeof value === 'object' && value !== null);
    // Liquid has these of every list, and the size of other things too.
    if (key === 'size' && hasSize) return true;
    if (Array.isArray(value) && (key === 'first' || key === 'last'))
      value = value.at(key === 'first' ? 0 : -1);
    else if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
    else value = (value as Record<string | number, unknown>)[key];
  }
  return value !== undefined;
}
