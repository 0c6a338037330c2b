import { Refusal } from './refusal.ts';
import { isObject, ownText } from './values.ts';

const MAX_PARAMETERS = 10_000;
const MAX_DEPTH = 20;

type Node = Record<string, unknown>;

/**
 * Reads `identity[email]=…&tags[]=…` as Vero's server does.
 * @throws {Refusal} 400 for more than can be meant
 */
export function parseForm(text: string): Record<string, unknown> {
  // Without a prototype `__proto__` is a name like any other.
  const root: Node = Object.create(null);
  let count = 0;
  for (const [name, value] of new URLSearchParams(text)) {
    count += 1;
    if (count > MAX_PARAMETERS)
      throw new Refusal(400, `The form has more than ${MAX_PARAMETERS} parameters.`);
    set(root, pathOf(name), ownText(value));
  }
  return { ...root, ...booleans(root) };
}

/** `data[size][eu]` has three parts; a last one that is empty stands for an item of a list. */
function pathOf(name: string): string[] {
  const [, first = name, brackets = ''] = /^([^[\]]+)((?:\[[^[\]]*\])+)$/.exec(name) ?? [];
  const path = [first, ...[...brackets.matchAll(/\[([^[\]]*)\]/g)].map(([, key = '']) => key)];
  if (path.length > MAX_DEPTH) throw new Refusal(400, `The form is nested deeper than ${MAX_DEPTH} levels.`);
  return path;
}

function set(root: Node, path: readonly string[], value: string): void {
  const isItem = path.length > 1 && path.at(-1) === '';
  const keys = isItem ? path.slice(0, -1) : path;
  const last = keys.at(-1) ?? '';
  let node = root;
  for (const key of keys.slice(0, -1)) {
    const next = isObject(node[key]) ? node[key] : Object.create(null);
    node[key] = next;
    node = next;
  }
  if (!isItem) node[last] = value;
  else if (Array.isArray(node[last])) node[last].push(value);
  else node[last] = [value];
}

/** A form has texts only. */
function booleans({ development_mode: mode }: Node): Node {
  return mode === 'true' || mode === 'false' ? { development_mode: mode === 'true' } : {};
}
