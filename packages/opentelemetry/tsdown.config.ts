import { readFileSync } from 'node:fs';
import { library } from '../../tsdown.base.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };

export default library().map((config) => ({
  ...config,
  define: { PACKAGE_VERSION: JSON.stringify(version) },
}));
