import '@verotrack/testing/vitest';
import { recordVero } from '@verotrack/testing';
import { expect, test } from 'vitest';

test('the matchers work in Vitest', () => {
  const recorder = recordVero();
  recorder.track('logged_out', { identity: { id: '42' } });
  expect(recorder).toHaveTracked('logged_out', { identity: { id: '42' } });
  expect(recorder).not.toHaveTrackedNothing();
});
