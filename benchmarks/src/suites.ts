import { accept } from './accept/suite.ts';
import { delivery } from './delivery/suite.ts';
import { memory } from './memory/suite.ts';
import { requestPaths } from './request-path/index.ts';
import { startUp } from './start-up/suite.ts';
import type { Suite } from './suite.ts';

/** In the order in which they run and are reported. */
export const suites: readonly Suite[] = [accept, ...requestPaths, delivery, memory, startUp];
