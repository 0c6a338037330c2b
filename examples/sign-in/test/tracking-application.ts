import type { AnyVero } from '@verotrack/core';
import type { Inspector } from '@verotrack/inspector';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { localVero } from '../../test-helpers/local-vero.ts';

/** What became of the events of a test. */
export interface Outcome {
  readonly received: readonly { readonly name: string; readonly identity: object; readonly data?: object }[];
  /** `name: reason` */
  readonly skipped: readonly string[];
}

export interface TrackingApplication {
  /** What has become of everything until now. */
  outcome(): Promise<Outcome>;
  /** Once the tests run. */
  readonly inspector: Inspector;
}

/**
 * Has an application send its events to a local Vero, test after test.
 *
 * @param load - imports the application, which reads the environment, and gives its client
 */
export function trackingApplication(load: () => Promise<AnyVero>): TrackingApplication {
  const local = localVero();
  let vero: AnyVero;
  let skipped: string[] = [];

  beforeAll(async () => {
    vero = await load();
    vero.on('skipped', ({ name, reason }) => skipped.push(`${name}: ${reason}`));
  });
  beforeEach(() => {
    skipped = [];
  });
  afterAll(() => vero.close());

  const outcome = async (): Promise<Outcome> => {
    // A visitor may have the answer a moment before the server knows that it arrived.
    await expect.poll(() => vero.stats().openScopes).toBe(0);
    await vero.flush();
    const received = local.inspector
      .events()
      .map(({ name, identity, data }) => (data ? { name, identity, data } : { name, identity }));
    return { received, skipped: [...skipped] };
  };
  return {
    outcome,
    get inspector() {
      return local.inspector;
    },
  };
}
