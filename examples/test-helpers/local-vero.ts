import { afterAll, beforeAll, beforeEach, vi } from 'vitest';
import { type Inspector, startInspector } from '../../packages/inspector/src/index.ts';

/** A local Vero for the tests of a file or a group, which the environment names as it does in production. */
export function localVero(): { readonly inspector: Inspector } {
  let inspector: Inspector | undefined;
  beforeAll(async () => {
    inspector = await startInspector();
    vi.stubEnv('VERO_AUTH_TOKEN', 'tok_secret_of_the_examples');
    vi.stubEnv('VERO_BASE_URL', inspector.url);
  });
  beforeEach(() => inspector?.clear());
  afterAll(() => inspector?.close());
  return {
    get inspector() {
      if (!inspector) throw new Error('The local Vero is not open yet');
      return inspector;
    },
  };
}
