// #region example
import { createVero } from '@verotrack/core';
import { threadTransport } from '@verotrack/core/thread';

export const vero = createVero({
  transport: threadTransport(), // or undiciTransport(), from '@verotrack/core'
  delivery: { concurrency: 64 },
});
// #endregion
