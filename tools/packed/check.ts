/**
 * Judges the packages as users get them: packs each, looks into the tarballs, then installs them into fresh applications
 * outside the workspace, which compile, load everything, and track an event by a real request.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apps } from './apps.ts';
import { audit } from './audit.ts';
import { installEverything } from './everything.ts';
import { lintProblems } from './lint.ts';
import { nestCliApps, runNestCliApp } from './nest-cli-app.ts';
import { packPackages } from './pack.ts';
import { Report } from './report.ts';
import { type Task, twoAtATime } from './run.ts';
import { runApp } from './run-app.ts';
import { tarballProblems } from './tarball-rules.ts';

const work = mkdtempSync(join(tmpdir(), 'verotrack-packages-'));
try {
  const report = new Report();
  const packages = await packPackages(work);
  for (const packed of packages) {
    const problems = [...tarballProblems(packed), ...(await lintProblems(packed))];
    report.problems.push(...problems.map((problem) => `${packed.name}: ${problem}`));
  }

  const everything: Task[] = [];
  const tracking = (name: string, work: () => Promise<void>): Task => {
    return () =>
      report.attempt(name, async () => {
        await work();
        report.counts.apps += 1;
      });
  };
  await twoAtATime([
    // What takes longest begins first.
    ...nestCliApps.map((app) => tracking(app.name, () => runNestCliApp(app, packages, work))),
    ...apps(packages).map((app) => tracking(app.name, () => runApp(app, packages, work))),
    ...(['module', 'commonjs'] as const).map(
      (type) => () =>
        report.attempt(`everything as ${type}`, async () => {
          everything.push(...(await installEverything(type, packages, work, report)));
        }),
    ),
    () => report.attempt('audit', async () => console.log(await audit(packages, work, report))),
  ]);
  await twoAtATime(everything);

  const { problems, counts } = report;
  for (const problem of problems) console.error(problem);
  console.log(
    `${packages.length} packages packed, ${counts.apps} apps tracked an event, ` +
      `${counts.typeChecks} type checks, ${problems.length} problems`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
