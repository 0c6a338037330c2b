import { describe, expect, test } from 'vitest';
import { checkReadmes, checkSnippets, regionOf } from '../readme-snippets.ts';
import { root } from '../workspace.ts';

test('the READMEs and docs say what the tested files say', () => {
  expect(checkReadmes(root)).toEqual([]);
});

const shop = `
  // #region route
  app.post('/cart', () => {
    done();
  });
  // #endregion
  // #region open
`;
const manifest = `kind: Deployment
spec:
  # #region grace
  grace:
    seconds: 30
  # #endregion
`;
const files = new Map([
  ['shop.ts', shop],
  ['deploy/shop.yaml', manifest],
]);
const read = (file: string) => {
  const text = files.get(file);
  if (text === undefined) throw new Error('no such file');
  return text;
};
const code = "app.post('/cart', () => {\n  done();\n});\n";
const marker = (snippet: string) => `<!-- snippet: ${snippet} -->\n`;
const block = (text: string, language = 'ts') => `\`\`\`${language}\n${text}\`\`\`\n`;

describe('checkSnippets', () => {
  test('takes a block that is its region, and leaves other languages alone', () => {
    const markdown = `# Shop\n${marker('shop.ts#route')}${block(code)}\n\`\`\`sh\nnpm i\n\`\`\`\n`;
    expect(checkSnippets(markdown, read)).toEqual({ text: markdown, problems: [] });
  });

  test('finds a block that drifted, and has its true text', () => {
    const drifted = `# Shop\n\n${marker('shop.ts#route')}${block('old();\n')}\nMore.\n`;
    const { text, problems } = checkSnippets(drifted, read);
    expect(problems).toEqual(['line 3: not what shop.ts#route says']);
    expect(text).toBe(`# Shop\n\n${marker('shop.ts#route')}${block(code)}\nMore.\n`);
    expect(checkSnippets(text, read).problems).toEqual([]);
  });

  test('fills an empty block', () => {
    const { text } = checkSnippets(marker('shop.ts#route') + block(''), read);
    expect(text).toBe(marker('shop.ts#route') + block(code));
  });

  test('refuses a block without a marker, each at its line', () => {
    const { problems } = checkSnippets(`${block('a();\n')}\n${block('a();\n')}`, read);
    expect(problems).toEqual([
      'line 1: no <!-- snippet: file#region --> before this block',
      'line 5: no <!-- snippet: file#region --> before this block',
    ]);
  });

  test('takes a block that is a region of a file whose comments begin with #', () => {
    const text = marker('deploy/shop.yaml#grace') + block('grace:\n  seconds: 30\n', 'yaml');
    expect(checkSnippets(text, read)).toEqual({ text, problems: [] });
  });

  test('takes a block that is a whole file, and finds one that is not', () => {
    const text = marker('deploy/shop.yaml') + block(manifest, 'yaml');
    expect(checkSnippets(text, read)).toEqual({ text, problems: [] });
    const drifted = marker('deploy/shop.yaml') + block('kind: Pod\n', 'yaml');
    expect(checkSnippets(drifted, read)).toEqual({
      text,
      problems: ['line 1: not what deploy/shop.yaml says'],
    });
  });

  test.each(['js', 'cjs', 'yaml', 'yml', 'json', 'jsonc', 'dockerfile', 'Dockerfile', 'ini'])(
    'refuses a block of %s without a marker',
    (language) => {
      const { problems } = checkSnippets(block('a: 1\n', language), read);
      expect(problems).toEqual(['line 1: no <!-- snippet: file#region --> before this block']);
    },
  );

  test.each([
    ['shop.ts#nothing', 'no such region'],
    ['shop.ts#open', 'the region has no end'],
    ['other.ts#route', 'no such file'],
    ['other.ts', 'no such file'],
    ['deploy/shop.yaml#nothing', 'no such region'],
  ])('refuses %s: %s', (snippet, message) => {
    const { text, problems } = checkSnippets(marker(snippet) + block('a();\n'), read);
    expect(problems).toEqual([`line 1: ${snippet}: ${message}`]);
    expect(text).toBe(marker(snippet) + block('a();\n'));
  });
});

test('regionOf keeps empty lines', () => {
  expect(regionOf('  // #region a\n  one\n\n  two\n  // #endregion', 'a')).toBe('one\n\ntwo\n');
});
