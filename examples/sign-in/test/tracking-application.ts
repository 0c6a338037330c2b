import type { AnyVero } from '@verotrack/core';
import { type Inspector, startInspector } from '@verotrack/inspector';
import { afterAll, beforeAll, beforeEach, expect, vi } from 'vitest';

/** What became of the events of a test. */
export interface Outcome {
  readonly received: readonly { readonly name: string; readonly identity: object; readonly data?: object }[];
  /** `name: reason` */
  readonly skipped: readonly string[];
}

export interface LocalVero {
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
export function localVero(load: () => Promise<AnyVero>): LocalVero {
  let inspector: Inspector;
  let vero: AnyVero;
  let skipped: string[] = [];

  beforeAll(async () => {
    inspector = await startInspector();
    vi.stubEnv('VERO_AUTH_TOKEN', 'tok_secret_of_the_recipes');
    vi.stubEnv('VERO_BASE_URL', inspector.url);
    vero = await load();
    vero.on('skipped', ({ name, reason }) => skipped.push(`${name}: ${reason}`));
  });
  beforeEach(() => {
    inspector.clear();
    skipped = [];
  });
  afterAll(async () => {
    await vero.close();
    await inspector.close();
  });

  const outcome = async (): Promise<Outcome> => {
    // A visitor may have the answer a moment before the server knows that it arrived.
    await expect.poll(() => vero.stats().openScopes).toBe(0);
    await vero.flush();
    const received = inspector
      .events()
      .map(({ name, identity, data }) => (data ? { name, identity, data } : { name, identity }));
    return { received, skipped: [...skipped] };
  };
  return {
    outcome,
    get inspector() {
      return inspector;
    },
  };
}
