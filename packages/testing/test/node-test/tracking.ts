import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordVero } from '../../src/index.ts';

const buyer = process.argv.includes('fail') ? '41' : '42';

// #region example
test('a purchase is tracked', async () => {
  const recorder = recordVero();
  recorder.run({ identity: { id: buyer } }, () =>
    recorder.trackOnSuccess('purchased', { data: { total: 25 } }),
  );
  await recorder.flushRequests();
  const { data } = recorder.assertTracked('purchased', { identity: { id: '42' } });
  assert.deepEqual(data, { total: 25 });
  recorder.assertTrackedTimes('purchased', 1);
});

test('a visit is not', () => {
  const recorder = recordVero();
  recorder.run({ identity: { id: '42' } }, () => undefined);
  recorder.assertTrackedNothing();
  assert.deepEqual(recorder.events(), []);
});
// #endregion
