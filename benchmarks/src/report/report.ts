import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Machine, QUIET_LOAD } from '../machine.ts';
import type { KeptResult } from '../results.ts';
import type { Column, Table } from '../suite.ts';
import { chartSvg } from './chart.ts';
import { cellText } from './numbers.ts';
import { HOW_TO_READ, TRIAL, WHAT_IT_IS } from './words.ts';

const IMAGES = 'images/benchmarks';

/** Writes the report and its charts into a folder of documents. */
export function writeReport(folder: string, kept: readonly KeptResult[], isTrial = false): void {
  const images = join(folder, IMAGES);
  rmSync(images, { recursive: true, force: true });
  mkdirSync(images, { recursive: true });
  for (const { result } of kept) {
    for (const chart of result.charts) writeFileSync(join(images, `${chart.file}.svg`), chartSvg(chart));
  }
  writeFileSync(join(folder, 'benchmarks.md'), reportText(kept, isTrial));
}

/** @param isTrial - whether everything was only tried out */
export function reportText(kept: readonly KeptResult[], isTrial = false): string {
  const parts = [
    WHAT_IT_IS,
    ...(isTrial ? [TRIAL] : []),
    goals(kept),
    ...kept.map(suite),
    HOW_TO_READ,
    machines(kept),
  ];
  return `${parts.join('\n\n')}\n`;
}

function goals(kept: readonly KeptResult[]): string {
  const rows = kept.flatMap(({ result }) =>
    result.goals.map(({ what, goal, measured, isReached }) => [
      what,
      goal,
      measured,
      isReached ? 'yes' : '**no**',
    ]),
  );
  return ['## Goals', markdownTable(['', 'goal', 'measured', 'reached'], rows)].join('\n');
}

function suite({ title, result }: KeptResult): string {
  const [first, ...others] = result.tables.map(tableText);
  const charts = result.charts.map(({ title: alt, file }) => `![${alt}](${IMAGES}/${file}.svg)`);
  return [`## ${title}`, first, ...charts, ...others].filter((part) => part !== undefined).join('\n\n');
}

function tableText({ title, note, columns, rows }: Table): string {
  const head = ['', ...columns.map(columnText)];
  const body = rows.map(({ name, cells }) => [
    name,
    ...columns.map(({ unit }, index) => cellText(cells[index], unit)),
  ]);
  const lines = [`### ${title}`, ...(note ? [note, ''] : []), markdownTable(head, body)];
  return lines.join('\n');
}

/** The unit of a ratio stands at each number. */
function columnText({ title, unit }: Column): string {
  return unit && unit !== '×' ? `${title}, ${unit}` : title;
}

/** As one text for all suites, if all were measured alike. */
function machines(kept: readonly KeptResult[]): string {
  const texts = kept.map(({ title, date, machine }) => ({ title, date: date.slice(0, 10), machine }));
  const alike = new Set(texts.map(({ date, machine }) => JSON.stringify([date, { ...machine, load: 0 }])));
  const [first] = texts;
  const noisy = texts.filter(({ machine }) => machine.load > QUIET_LOAD).map(({ title }) => title);
  const noise =
    noisy.length > 0
      ? [
          `**The machine was busy in the minute before the run** of ${noisy.length === texts.length ? 'all suites' : noisy.join(', ')}: what it was busy with may have gone on, and then figures are worth less.`,
        ]
      : [];
  const described =
    alike.size === 1 && first
      ? [machineText(first.date, first.machine)]
      : texts.map(({ title, date, machine }) => `**${title}.** ${machineText(date, machine)}`);
  const byLoad = new Set(texts.map(({ machine }) => machine.load.toFixed(2)));
  const loads =
    byLoad.size === 1
      ? [...byLoad].join()
      : texts.map(({ title, machine }) => `${title} ${machine.load.toFixed(2)}`).join(', ');
  return [
    '## The machine',
    ...described,
    `Load of the machine in the minute before the run: ${loads}.`,
    ...noise,
  ].join('\n\n');
}

function machineText(date: string, machine: Machine): string {
  const versions = Object.entries(machine.versions)
    .map(([name, version]) => `\`${name}\` ${version}`)
    .join(', ');
  return (
    `Measured on ${date}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB of memory, ` +
    `${machine.system}, Node ${machine.node}; Verotrack at commit ${machine.commit}. With ${versions}.`
  );
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const align = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [head, align, ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}
