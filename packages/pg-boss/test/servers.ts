import { inject } from 'vitest';
import type {} from '../../../tools/postgres/vitest-setup.ts';

export const postgresUrl = (): string => inject('postgresUrl');

let made = 0;

/** The name of a schema that no other test has. */
export const aSchema = (): string => `test_${process.pid}_${Date.now().toString(36)}_${made++}`;
