import { type Inspector, startInspector } from '@verotrack/inspector';
import { afterAll, beforeAll, beforeEach, vi } from 'vitest';

/** A local Vero for the tests of a file, which the environment names as it does in production. */
export function localVero(): { readonly inspector: Inspector } {
  let inspector: Inspector | undefined;
  beforeAll(async () => {
    inspector = await startInspector();
    vi.stubEnv('VERO_AUTH_TOKEN', 'tok_secret_of_the_recipes');
    vi.stubEnv('VERO_BASE_URL', inspector.url);
  });
  beforeEach(() => inspector?.clear());
  afterAll(async () => {
    await inspector?.close();
    vi.unstubAllEnvs();
  });
  return {
    get inspector() {
      if (!inspector) throw new Error('The local Vero is not open yet');
      return inspector;
    },
  };
}
