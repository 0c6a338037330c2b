import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ANSWER_FAULTS } from './answer-faults.ts';
import { CONNECTION_FAULTS } from './connection-faults.ts';
import type { Fault } from './fault.ts';
import { OUTAGE_FAULTS } from './outage-faults.ts';
import { STATUS_FAULTS } from './status-faults.ts';

export const FAULTS: readonly Fault[] = [
  ...CONNECTION_FAULTS,
  ...ANSWER_FAULTS,
  ...STATUS_FAULTS,
  ...OUTAGE_FAULTS,
];

const HEADER = '| fault | what Verotrack does | the event |\n|---|---|---|\n';

/** The table of docs/reliability.md. */
export function table(): string {
  return HEADER + FAULTS.map(({ fault, does, event }) => `| ${fault} | ${does} | ${event} |\n`).join('');
}

const DOCS = join(import.meta.dirname, '../../../../docs/reliability.md');
const BETWEEN = /(?<=^<!-- faults -->\n)[\s\S]*?(?=^<!-- \/faults -->$)/m;

/** The page, what its table is, and what the page would be with the right one. */
export function page(): {
  readonly file: string;
  readonly found: string | undefined;
  readonly mended: string;
} {
  const text = readFileSync(DOCS, 'utf8');
  return { file: DOCS, found: BETWEEN.exec(text)?.[0], mended: text.replace(BETWEEN, () => table()) };
}
