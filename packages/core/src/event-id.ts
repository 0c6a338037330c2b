import { randomFillSync } from 'node:crypto';

const RANDOM_BYTES = 10;
const HEX_DIGITS = Buffer.from('0123456789abcdef', 'latin1');

// Random bytes are fetched for many ids at once: the fetching is what costs.
const pool = Buffer.alloc(256 * RANDOM_BYTES);
let used = pool.length;
const text = Buffer.alloc(36, '-', 'latin1');

/**
 * A UUID of version 7 (RFC 9562): its first 48 bits are the time, so that ids sort by it. Written into a buffer first,
 * because a string put together from parts keeps them all in memory for as long as it lives.
 */
export function newEventId(now: number = Date.now()): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const low = now % 0x1_0000_0000;
  const high = (now - low) / 0x1_0000_0000;
  let at = 0;
  const write = (byte: number): void => {
    if (at === 8 || at === 13 || at === 18 || at === 23) at++;
    text[at++] = HEX_DIGITS[byte >> 4] ?? 0;
    text[at++] = HEX_DIGITS[byte & 15] ?? 0;
  };
  write((high >> 8) & 255);
  write(high & 255);
  write(low >>> 24);
  write((low >>> 16) & 255);
  write((low >>> 8) & 255);
  write(low & 255);
  for (let index = 0; index < RANDOM_BYTES; index++) {
    const byte = pool[used++] ?? 0;
    if (index === 0) write(0x70 | (byte & 15));
    else if (index === 2) write(0x80 | (byte & 0x3f));
    else write(byte);
  }
  return text.toString('latin1');
}
