import '@verotrack/testing/jest';
import { expect, test } from '@jest/globals';
import { recordVero } from '@verotrack/testing';

test('the matchers work in an ES module of Jest', () => {
  const recorder = recordVero();
  recorder.track('logged_out', { identity: { id: '42' } });
  expect(recorder).toHaveTracked('logged_out', { identity: { id: '42' } });
  expect(recorder).not.toHaveTrackedNothing();
});
