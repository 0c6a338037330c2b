/** What others' tools say of a tarball. */
import { readFileSync } from 'node:fs';
import { checkPackage } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import type { PackedPackage } from './pack.ts';

export async function lintProblems({ tarball, unpacked }: PackedPackage): Promise<string[]> {
  const problems: string[] = [];
  const bytes = new Uint8Array(readFileSync(tarball));
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer } });
  for (const message of messages) problems.push(`publint: ${formatMessage(message, pkg)}`);
  const types = await checkPackage(unpacked);
  if (!types.types) return [...problems, 'it has no types'];
  // `node10` is a resolution from before `exports`: of a package's entries it finds the main one only.
  for (const problem of types.problems) {
    problems.push(`types: ${JSON.stringify(problem)}`);
  }
  return problems;
}
