// #region test
import { startInspector } from '@verotrack/inspector';
import { expect, test } from 'vitest';

test('a sign-up reaches Vero, even if Vero stumbles', async () => {
  const inspector = await startInspector();
  inspector.failNext({ status: 503, headers: { 'retry-after': 0 } });
  await signUp({ veroUrl: inspector.url });
  const event = await inspector.waitForEvent('user_signed_up');
  expect(event.identity).toEqual({ id: '1', email: 'janedoe@getvero.com' });
  await inspector.close();
});
// #endregion

/** Stands for the reader's application. */
async function signUp({ veroUrl }: { veroUrl: string }): Promise<void> {
  for (let status = 503; status === 503; ) {
    const response = await fetch(`${veroUrl}/api/v2/events/track`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        auth_token: 'tok_secret_readme',
        event_name: 'user_signed_up',
        identity: { id: '1', email: 'janedoe@getvero.com' },
      }),
    });
    status = response.status;
  }
}

test('an outage ends, and the requests tell its story', async () => {
  const inspector = await startInspector();
  // #region faults
  const recover = inspector.fail('drop'); // an outage begins
  await expect(signUp({ veroUrl: inspector.url })).rejects.toThrow();
  recover(); // and is over
  await signUp({ veroUrl: inspector.url });
  const story = inspector.requests().map(({ attempt, fault, status }) => ({ attempt, fault, status }));
  expect(story).toEqual([
    { attempt: 1, fault: 'drop', status: undefined },
    { attempt: 2, fault: undefined, status: 200 },
  ]);
  // #endregion
  await inspector.close();
});

test('people are what their events and calls said', async () => {
  const inspector = await startInspector();
  await signUp({ veroUrl: inspector.url });
  // #region users
  const [user] = inspector.users();
  expect(user).toMatchObject({
    id: '1',
    email: 'janedoe@getvero.com',
    attributes: { id: '1', email: 'janedoe@getvero.com' },
    tags: [],
    isSubscribed: true,
    events: 1,
  });
  // #endregion
  await inspector.close();
});
