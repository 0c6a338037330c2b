/** Whether anything that our packages bring along has a known vulnerability. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { write } from './install.ts';
import type { PackedPackage } from './pack.ts';
import type { Report } from './report.ts';
import { run } from './run.ts';

interface AuditReport {
  /** By the package's name; missing where the registry gave no answer. */
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range: string }>>;
}

/** @returns what is to be said of it */
export async function audit(
  packages: readonly PackedPackage[],
  work: string,
  report: Report,
): Promise<string> {
  const cwd = join(work, 'audit');
  mkdirSync(cwd);
  const tarballs = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]));
  write(join(cwd, 'package.json'), {
    name: 'app',
    private: true,
    dependencies: tarballs,
    overrides: tarballs,
  });
  await run('npm', ['install', '--package-lock-only', '--prefer-offline', '--no-audit', '--no-fund'], {
    cwd,
  });
  // Peers are the application's own.
  const args = ['audit', '--json', '--omit=dev', '--omit=peer'];
  const json = await run('npm', args, { cwd }).catch((error: Error) => error.message);
  const { vulnerabilities } = JSON.parse(/^\{.*^\}/ms.exec(json)?.[0] ?? '{}') as AuditReport;
  if (!vulnerabilities) {
    const unknown = 'known vulnerabilities: not checked: the registry does not answer';
    // There releases are made, and none goes out unchecked.
    if (process.env.GITHUB_ACTIONS === 'true') report.problems.push(unknown);
    return unknown;
  }
  const serious = Object.entries(vulnerabilities).filter(([, { severity }]) =>
    ['moderate', 'high', 'critical'].includes(severity),
  );
  for (const [name, { severity, range }] of serious) report.problems.push(`${name} ${range}: ${severity}`);
  return `known vulnerabilities: ${serious.length}`;
}
