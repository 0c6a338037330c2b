import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everyRound } from '../rounds.ts';
import type { BenchContext, Suite, SuiteResult } from '../suite.ts';
import { importing } from './imports.ts';
import { install, type Measured, PACKAGES, PEERS, pack, type Size } from './packages.ts';
import { startUpResult } from './tables.ts';

/** A process is over so soon that more of them cost nothing. */
const ROUNDS = 21;
const WORKSPACE = join(import.meta.dirname, '../../node_modules');

export const startUp: Suite = {
  name: 'start-up',
  title: 'Start-up',
  run: async (context) => {
    // Where imports are resolved from: with little work, this package has all of them installed.
    const folder = mkdtempSync(join(context.isQuick ? WORKSPACE : tmpdir(), '.start-up-'));
    try {
      return await runStartUp(context, folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function runStartUp({ isQuick, log }: BenchContext, folder: string): Promise<SuiteResult> {
  const all = isQuick ? PEERS : [...PACKAGES, ...PEERS];
  const sizes = new Map<string, Size>();
  const folderOf = ({ name }: Measured): string =>
    isQuick ? folder : join(folder, name.replaceAll(/[@/]/g, '_'));
  if (!isQuick) {
    pack(folder);
    for (const measured of all) {
      sizes.set(measured.name, install(measured, folder, folderOf(measured)));
      log(`installed ${measured.name}: ${JSON.stringify(sizes.get(measured.name))}`);
    }
  }
  const empty = importing('nothing', folder, 'nothing.mjs', []);
  const imports = all.flatMap((measured) => {
    const own = folderOf(measured);
    const file = measured.name.replaceAll(/[@/]/g, '_');
    const before =
      measured.after.length > 0
        ? [importing(beforeOf(measured), own, `before-${file}.mjs`, measured.after)]
        : [];
    return [...before, importing(measured.name, own, `${file}.mjs`, [...measured.after, measured.name])];
  });
  const contestants = [empty, ...imports];
  // The first of each finds nothing in the system's cache.
  if (!isQuick) for (const { measure } of contestants) await measure();
  const figures = await everyRound(contestants, { rounds: isQuick ? 1 : ROUNDS, log });
  return startUpResult({ all, sizes, figures, beforeOf });
}

/** What an application of this framework takes without us. */
const beforeOf = ({ after }: Measured): string => (after.length > 0 ? after.join(', ') : 'nothing');
