/** The links of the Markdown files: each leads to a file, and to a heading, that there is. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { remark } from 'remark';
import remarkGfm from 'remark-gfm';
import remarkValidateLinks from 'remark-validate-links';
import { type Callback, engine } from 'unified-engine';
import { repository } from '../site/repository.ts';

/** What is wrong with the links in all Markdown files below a folder; Git's ignored files are left out. */
export function brokenLinks(root: string): Promise<string[]> {
  const files = ['.', '.github'].filter((name) => existsSync(join(root, name)));
  return new Promise((resolve, reject) => {
    const done: Callback = (error, _status, context) => {
      if (error) return reject(error);
      const messages = context?.files.flatMap(({ path, messages }) =>
        messages.map(({ line, reason }) => `${path}:${line}: ${reason}`),
      );
      return resolve(messages ?? []);
    };
    engine(
      {
        processor: remark().use(remarkGfm),
        // `never`: the engine gives more to a plugin than its type says.
        // What npm shows has whole addresses of the repository: these are links to files, too.
        plugins: [[remarkValidateLinks as never, { repository, root }]],
        cwd: root,
        files,
        extensions: ['md'],
        ignoreName: '.gitignore',
        output: false,
        out: false,
        silent: true,
      },
      done,
    );
  });
}
