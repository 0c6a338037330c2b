import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine.ts';
import type { Suite, SuiteResult } from './suite.ts';

/** What a suite gave, when and where. Kept, so that one suite can be repeated without the others. */
export interface KeptResult {
  readonly suite: string;
  readonly title: string;
  /** Its beginning: ISO 8601, UTC. */
  readonly date: string;
  readonly machine: Machine;
  readonly result: SuiteResult;
}

export function keep(folder: string, kept: KeptResult): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(folder, kept.suite), `${JSON.stringify(kept, null, 2)}\n`);
}

/** Those that are there, in the order of the suites. */
export function keptResults(folder: string, suites: readonly Pick<Suite, 'name'>[]): KeptResult[] {
  return suites
    .map(({ name }) => fileOf(folder, name))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as KeptResult);
}

const fileOf = (folder: string, suite: string): string => join(folder, `${suite}.json`);
