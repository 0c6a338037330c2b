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
  return [...problems, ...types.problems.map((problem) => `types: ${JSON.stringify(problem)}`)];
}
