import { describe, expect, test } from 'vitest';
import { checkShell, checkShellBlocks, commandsOf, type Workspace } from '../shell-blocks.ts';
import { root } from '../workspace.ts';

test('the shell blocks of the docs say what works', () => {
  expect(checkShell(root)).toEqual([]);
});

test('commandsOf takes a script apart', () => {
  const script = [
    "NODE_OPTIONS='--import x' npx @shop/cli a.ts --write OUT.md  # in CI",
    '',
    'export TOKEN=…',
    'npx a export > dead.ndjson && node b.ts | npx c \\',
    '  --last',
    'A=1',
  ];
  expect(commandsOf(script.join('\n'))).toEqual([
    ['npx', '@shop/cli', 'a.ts', '--write', 'OUT.md'],
    ['export', 'TOKEN=…'],
    ['npx', 'a', 'export'],
    ['node', 'b.ts'],
    ['npx', 'c', '--last'],
  ]);
});

describe('checkShellBlocks', () => {
  const workspace: Workspace = {
    packages: new Set(['@shop/cli', '@shop/core', 'express']),
    scripts: new Map([
      ['', ['demo']],
      ['@shop/web', ['start']],
    ]),
    help: new Map([['@shop/cli', 'shop-cli <file> [dead | export]\n  --port <n>\n  --dry-run']]),
    hasFile: (path) => path === 'tools/some.ts',
  };
  const check = (command: string) => checkShellBlocks(`# A\n\n\`\`\`sh\n${command}\n\`\`\`\n`, workspace);

  test.each([
    'npm install @shop/core express@5',
    'npm i -D @shop/cli',
    'npx --yes pnpm@12 install',
    'npx --yes pnpm@12 demo --fast',
    'npx --yes pnpm@12 --filter @shop/web start',
    'npx --yes pnpm@12 exec node tools/some.ts --write',
    'npx @shop/cli data.db export --port=1 > out.json',
    'node tools/some.ts',
    'node --import ./telemetry.js dist/server.js',
    'docker compose up --build',
  ])('takes %s', (command) => {
    expect(check(command)).toEqual([]);
  });

  test.each([
    ['npm install @shop/cor', 'nothing here is or depends on @shop/cor'],
    ['npm install --save-dev @shop/core expres@5', 'nothing here is or depends on expres'],
    ['npx --yes pnpm@12 dmeo', 'there is no script dmeo'],
    ['npx --yes pnpm@12 --filter @shop/web stop', 'there is no script stop'],
    ['npx --yes pnpm@12 --filter @shop/app start', 'there is no package @shop/app'],
    ['npx --yes pnpm@12 exec node tools/none.ts', 'there is no file tools/none.ts'],
    ['npx @shop/cli data.db --prt 1', 'its --help has no --prt'],
    ['npx @shop/cli data.db --dry', 'its --help has no --dry'],
    ['npx @shop/cli data.db exprt', 'its --help has no exprt'],
    ['npx shop-cli', 'nothing here is or depends on shop-cli'],
    ['node tools/none.ts', 'there is no file tools/none.ts'],
    ['ls', 'not known: check it in tools/shell-blocks.ts, or say there why it is not'],
  ])('refuses %s', (command, problem) => {
    expect(check(command)).toEqual([`line 3: ${command}: ${problem}`]);
  });

  test('refuses other names of the shell, and leaves other languages alone', () => {
    expect(checkShellBlocks('```bash\nls\n```\n\n```sql\nnone\n```\n', workspace)).toEqual([
      'line 1: use `sh`',
    ]);
  });
});
