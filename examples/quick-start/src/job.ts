// #region example
import { createVero, pickIdentity } from '@verotrack/core';
import { endTrial, usersWhoseTrialIsOver } from './your-app.ts';

const vero = createVero();

for (const user of await usersWhoseTrialIsOver()) {
  const job = vero.run({ identity: pickIdentity(user, ['id', 'email']) }, async () => {
    vero.trackOnSuccess('trial_ended', { data: { plan: user.plan } });
    await endTrial(user); // if this throws, nothing is sent
  });
  await job.catch((error) => console.error(error.message));
}

await vero.close(); // delivers what waits
// #endregion
