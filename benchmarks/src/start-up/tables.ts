import { pairedDifferences, spreadOf } from '../rounds.ts';
import type { Goal, Row, Spread, SuiteResult } from '../suite.ts';
import type { ImportFigures } from './imports.ts';
import { type Measured, PEERS, type Size } from './packages.ts';

export interface StartUp {
  readonly all: readonly Measured[];
  /** None when nothing was installed. */
  readonly sizes: ReadonlyMap<string, Size>;
  /** Of each round. */
  readonly figures: ReadonlyMap<string, readonly ImportFigures[]>;
  /** Whose figures a package's are less. */
  beforeOf(measured: Measured): string;
}

const CORE = '@verotrack/core';
const VEROS_OWN = '@getvero/tracking';
const CORE_LIMIT_MS = 60;

export function startUpResult(startUp: StartUp): SuiteResult {
  const { all, sizes } = startUp;
  const wall = (measured: Measured): Spread => less(startUp, measured, 'wallMs');
  const cpu = (measured: Measured): Spread => less(startUp, measured, 'cpuMs');
  const core = all.find(({ name }) => name === CORE);
  const ratio = (a: number | undefined, b: number | undefined): number | undefined =>
    a !== undefined && b ? a / b : undefined;
  return {
    goals: core ? goals(all, core, wall) : [],
    tables: [
      ...(core
        ? [
            {
              title: 'Ratios',
              note: `Of \`${CORE}\`'s, by the medians.`,
              columns: ['import', 'CPU of the import', 'installed', 'packages'].map((title) => ({
                title,
                unit: '×',
              })),
              rows: all.map((measured): Row => {
                const [size, ofCore] = [sizes.get(measured.name), sizes.get(CORE)];
                return {
                  name: `\`${measured.name}\``,
                  cells: [
                    ratio(wall(measured).median, wall(core).median),
                    ratio(cpu(measured).median, cpu(core).median),
                    ratio(size?.kilobytes, ofCore?.kilobytes),
                    ratio(size?.packages, ofCore?.packages),
                  ],
                };
              }),
            },
          ]
        : []),
      {
        title: 'Import and installed size',
        note:
          'A fresh process that imports the package and ends, less one that imports nothing, or for an adapter less one that imports its framework, of the same round. ' +
          'Node caches nothing, but the files are in the cache of the system. ' +
          'Installed is the package with all that npm brings along for it, into an empty folder, without the framework; ours are the packed packages, and all but the core count the core, too.',
        columns: [
          { title: 'import', unit: 'ms' },
          { title: 'CPU of the import', unit: 'ms' },
          { title: 'installed', unit: 'kB' },
          { title: 'packages' },
        ],
        rows: all.map((measured): Row => {
          const size = sizes.get(measured.name);
          return {
            name: `\`${measured.name}\``,
            cells: [wall(measured), cpu(measured), size?.kilobytes, size && String(size.packages)],
          };
        }),
      },
    ],
    charts: [
      {
        file: 'import',
        title: 'Import in a fresh process (less is better)',
        unit: 'ms',
        bars: all.map((measured) => ({
          name: measured.name,
          value: wall(measured),
          isOurs: measured.isOurs,
        })),
      },
    ],
  };
}

/** What it takes more than what is there before it, in the same round. */
function less({ figures, beforeOf }: StartUp, measured: Measured, figure: keyof ImportFigures): Spread {
  const [own, before] = [figures.get(measured.name), figures.get(beforeOf(measured))];
  if (!own || !before) throw new Error(`${measured.name} was not measured`);
  return spreadOf(pairedDifferences(own, before, figure));
}

function goals(all: readonly Measured[], core: Measured, wall: (measured: Measured) => Spread): Goal[] {
  const ms = wall(core).median;
  const peers = PEERS.filter(({ name }) => name !== VEROS_OWN && all.some((one) => one.name === name));
  const quickest = peers.reduce((a, b) => (wall(b).median < wall(a).median ? b : a));
  return [
    {
      what: `Import of \`${CORE}\``,
      goal: `≤ ${CORE_LIMIT_MS} ms`,
      measured: `${ms.toFixed(0)} ms`,
      isReached: ms <= CORE_LIMIT_MS,
    },
    {
      what: `Import of \`${CORE}\`, against every peer but Vero's own`,
      goal: `less than \`${quickest.name}\`, the quickest: ${wall(quickest).median.toFixed(0)} ms`,
      measured: `${ms.toFixed(0)} ms`,
      isReached: ms < wall(quickest).median,
    },
  ];
}
