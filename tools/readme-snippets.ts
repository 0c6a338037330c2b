/**
 * Keeps the code in the READMEs and docs true: each block of a program, a manifest or a configuration repeats a
 * region of a file that is compiled, or parsed, and tested.
 *
 *     <!-- snippet: examples/express-shop/src/shop.ts#route -->      // #region route
 *     ```ts                                                          app.post('/cart', …);
 *     …                                                              // #endregion
 *     ```
 *
 * Files whose comments begin with `#` have `# #region route`. Without `#route` the block is the whole file.
 * `node tools/readme-snippets.ts --write` copies them into the READMEs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownFiles } from './markdown-files.ts';
import { root } from './workspace.ts';

const LANGUAGES = '[cm]?[tj]s|typescript|javascript|ya?ml|jsonc?|dockerfile|ini';
/** A block of one of these languages, with the comment before it where there is one. */
const BLOCK = new RegExp(
  `(?:<!-- snippet: (?<file>[^\\s#]+)(?:#(?<region>\\S+))? -->\\s*)?^[ \\t]*\`\`\`(?:${LANGUAGES})\\b.*?\\n(?<code>.*?)(?<fence>^[ \\t]*\`\`\`)`,
  'gims',
);

export interface Checked {
  /** The Markdown with every block as its region has it. */
  readonly text: string;
  readonly problems: readonly string[];
}

/** Compares the blocks of a README with the regions, or the files, that they come from. */
export function checkSnippets(markdown: string, read: (file: string) => string): Checked {
  const problems: string[] = [];
  const text = markdown.replace(BLOCK, (block: string, ...rest) => {
    const [offset, , groups] = rest.slice(-3) as [number, string, Record<string, string | undefined>];
    const { file, region, code = '', fence = '' } = groups;
    const line = markdown.slice(0, offset).split('\n').length;
    if (!file) {
      problems.push(`line ${line}: no <!-- snippet: file#region --> before this block`);
      return block;
    }
    const snippet = region ? `${file}#${region}` : file;
    try {
      const source = region ? regionOf(read(file), region) : `${read(file).trimEnd()}\n`;
      if (source === code) return block;
      problems.push(`line ${line}: not what ${snippet} says`);
      return block.slice(0, block.length - code.length - fence.length) + source + fence;
    } catch (thrown) {
      problems.push(`line ${line}: ${snippet}: ${(thrown as Error).message}`);
      return block;
    }
  });
  return { text, problems };
}

/** The lines between `// #region name` (or `# #region name`) and the next `#endregion`, without their common indentation. */
export function regionOf(source: string, name: string): string {
  const lines = source.split('\n');
  const start = lines.findIndex((line) => /^\s*(?:\/\/|#) #region (.*?)\s*$/.exec(line)?.[1] === name);
  if (start < 0) throw new Error('no such region');
  const length = lines.slice(start + 1).findIndex((line) => /^\s*(?:\/\/|#) #endregion/.test(line));
  if (length < 0) throw new Error('the region has no end');
  const region = lines.slice(start + 1, start + 1 + length);
  const indents = region.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const indent = Math.min(...indents);
  return region.map((line) => `${line.slice(indent)}\n`).join('');
}

/** Checks every README, and brings it up to date first if told to. @returns what is wrong, with the file's name */
export function checkReadmes(root: string, write = false): string[] {
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  return markdownFiles(root).flatMap((file) => {
    if (write) writeFileSync(join(root, file), checkSnippets(read(file), read).text);
    return checkSnippets(read(file), read).problems.map((problem) => `${file}: ${problem}`);
  });
}

if (import.meta.main) {
  const problems = checkReadmes(root, process.argv.includes('--write'));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
