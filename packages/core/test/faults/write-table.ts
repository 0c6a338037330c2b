import { writeFileSync } from 'node:fs';
import { page } from './faults.ts';

// Rewrites the table of docs/reliability.md from the faults.
const { file, found, mended } = page();
if (found === undefined) throw new Error(`${file} has no <!-- faults --> … <!-- /faults -->`);
writeFileSync(file, mended);
