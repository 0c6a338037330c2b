import { VeroError } from './errors.ts';

/** Undici, which is behind the transports, needs it: on older ones each attempt would fail, and be made again. */
const OLDEST_MAJOR = 22;

/** @throws {VeroError} `VERO_CONFIG` on a Node where nothing could be delivered */
export function checkNode(version: string = process.versions.node): void {
  if (Number.parseInt(version, 10) < OLDEST_MAJOR) {
    throw new VeroError(
      'VERO_CONFIG',
      `createVero: Verotrack needs Node 22.19 or later, and this is ${version}`,
    );
  }
}
