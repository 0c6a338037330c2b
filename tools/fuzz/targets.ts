import type { FuzzTarget } from './target.ts';
import { answers } from './targets/answers.ts';
import { inspector } from './targets/inspector.ts';
import { payload } from './targets/payload.ts';
import { queueBytes, queueRows } from './targets/queue-files.ts';
import { queueModel } from './targets/queue-model.ts';

/** All that takes input from others. */
export const TARGETS: readonly FuzzTarget[] = [
  payload,
  inspector,
  answers,
  queueModel,
  queueRows,
  queueBytes,
];
