import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sparticuz, { inflate } from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const DEBIAN = '/usr/bin/chromium';

/**
 * The Chromium that comes in the npm package, so that nothing has to be installed; where its system libraries are
 * missing, with those of the package; where it doesn't run at all, Debian's.
 */
export async function launchBrowser(): Promise<Browser> {
  const ours = await sparticuz.executablePath();
  const env = {
    ...process.env,
    ...(existsSync('/etc/fonts') ? {} : { FONTCONFIG_PATH: join(tmpdir(), 'fonts') }),
  };
  const launch = (executablePath: string, more: NodeJS.ProcessEnv = {}) =>
    chromium.launch({ executablePath, args: FLAGS, env: { ...env, ...more } as Record<string, string> });
  try {
    return await launch(ours);
  } catch (withoutLibraries) {
    try {
      return await launch(ours, { LD_LIBRARY_PATH: join(await packedLibraries(), 'lib') });
    } catch {
      if (existsSync(DEBIAN)) return await launch(DEBIAN);
      throw withoutLibraries;
    }
  }
}

function packedLibraries(): Promise<string> {
  return inflate(join(import.meta.dirname, '../../node_modules/@sparticuz/chromium/bin/al2023.tar.br'));
}
