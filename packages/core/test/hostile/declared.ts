import { expect } from 'vitest';
import { type Declaration, declareEvent, SUCCEEDED, Tracking, Work } from '../../src/adapter.ts';
import type { Vero } from '../../src/index.ts';
import { JANE } from '../clients.ts';

/** Work of an adapter that succeeded, with one declared event, whose callbacks are asked when it has ended. */
export function declared(
  vero: Vero,
  options: object,
  adapter: object = { identify: () => JANE },
  handle: () => void = () => {},
  make: (options: object) => Declaration<object> = (given) => declareEvent('hostile', 'outer', given),
): void {
  const context = { user: { ...JANE } };
  const work = new Work(new Tracking('hostile', vero, adapter), () => context, 'POST /hostile');
  const answer = work.run(() => {
    work.declare({}, make(options), () => context, 'POST /hostile');
    handle();
    return 'answered';
  });
  work.settle(SUCCEEDED);
  expect(answer).toBe('answered');
}
