import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const here = import.meta.dirname;

export const deployFile = (name: string): string => readFileSync(join(here, '../deploy', name), 'utf8');

/** Strict: a key that is there twice is an error. */
export const manifest = <T>(name: string): T => parse(deployFile(name)) as T;

/** What an image of the recipe has at this path. */
export const inImage = (path: string): string => join(here, '..', path);
