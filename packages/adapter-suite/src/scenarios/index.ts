import type { Scenario } from '../scenario.ts';
import { aborts } from './aborts.ts';
import { callbacks } from './callbacks.ts';
import { catalogue } from './catalogue.ts';
import { concurrency } from './concurrency.ts';
import { declarations } from './declarations.ts';
import { identities } from './identities.ts';
import { outcomes } from './outcomes.ts';
import { scopes } from './scopes.ts';

export const scenarios: readonly Scenario[] = [
  ...outcomes,
  ...aborts,
  ...concurrency,
  ...identities,
  ...declarations,
  ...callbacks,
  ...catalogue,
  ...scopes,
];
