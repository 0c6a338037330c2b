/** Both clients side by side, and which of them counts is said by the environment. */
// #region stages
import { Tracker } from '@getvero/tracking';
import { createVero } from '@verotrack/core';

const stage = process.env.TRACKING ?? 'old'; // then 'both', then 'new'; back again is a restart

/** In development mode Vero keeps events and users apart, and sends e-mails to the account's own address. */
export const vero = createVero({ enabled: stage !== 'old', developmentMode: stage === 'both' });

const tracker = new Tracker({
  trackingApiKey: process.env.VERO_AUTH_TOKEN ?? '',
  trackingApiBaseUrl: process.env.VERO_BASE_URL ?? 'https://api.getvero.com',
});

/** What each client has had delivered, by the event's name. */
export const counts: Record<'old' | 'new', Record<string, number>> = { old: {}, new: {} };
const count = (by: 'old' | 'new', name: string) => {
  counts[by][name] = (counts[by][name] ?? 0) + 1;
};
vero.on('delivered', ({ event }) => count('new', event.name));

/** Takes the place of `tracker.event.track` until the old client is gone. */
export async function trackWithOld(event: Parameters<Tracker['event']['track']>[0]): Promise<void> {
  if (stage === 'new') return;
  await tracker.event.track(event);
  count('old', event.eventName);
}
// #endregion
