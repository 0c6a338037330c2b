// #region example
const { event, defineEvents } = require('@verotrack/core');
const { recordVero } = require('@verotrack/testing');
require('@verotrack/testing/jest');

test('the matchers work in a CommonJS test of Jest', async () => {
  const recorder = recordVero({ events: defineEvents({ logged_in: event(), logged_out: event() }) });
  expect(recorder).toHaveTrackedNothing();
  await recorder.run({ identity: { id: '42' } }, async () => recorder.trackOnSuccess('logged_out'));
  await recorder.flushRequests();
  expect(recorder).toHaveTracked('logged_out', { identity: { id: expect.any(String) } });
  expect(recorder).toHaveTrackedTimes('logged_out', 1);
  expect(recorder).not.toHaveTracked('logged_in');
  expect(() => expect(recorder).toHaveTracked('loged_out')).toThrow(/Did you mean "logged_out"/);
});
// #endregion
