// #region cron
import { createVero, pickIdentity } from '@verotrack/core';
import { type ScheduledTask, schedule } from 'node-cron';
import { endTrial, usersWhoseTrialIsOver } from '../your-app.ts';

export const vero = createVero();

export const trials: ScheduledTask = schedule('0 6 * * *', endTrials, { noOverlap: true });

async function endTrials(): Promise<void> {
  for (const user of await usersWhoseTrialIsOver()) {
    const identity = pickIdentity(user, ['id', 'email']);
    const job = vero.run({ identity }, async () => {
      vero.trackOnSuccess('trial_ended', { data: { plan: user.plan } });
      await endTrial(user);
    });
    await job.catch((error) => console.error(error.message)); // the next user's trial ends all the same
  }
}
// #endregion
