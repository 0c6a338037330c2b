import type { QueueRecord } from './contract.ts';

/** What a record takes in memory, in bytes: two a character, and the record and its places in collections beside the body. */
export const sizeOf = ({ body, name }: QueueRecord): number => 2 * (body.length + name.length) + 400;
