/** Verotrack tracks; whatever else was asked of Vero stays with the client that did it. */
// #region users
import { Tracker } from '@getvero/tracking';

const tracker = new Tracker({
  trackingApiKey: process.env.VERO_AUTH_TOKEN ?? '',
  trackingApiBaseUrl: process.env.VERO_BASE_URL ?? 'https://api.getvero.com',
});

export async function changeId(userId: string, newId: string): Promise<void> {
  await tracker.user.alias({ userId, newId });
}

export async function becomeVip(userId: string): Promise<void> {
  await tracker.tag.edit({ userId, add: ['vip'] });
}

export async function unsubscribe(userId: string): Promise<void> {
  await tracker.user.unsubscribe({ userId });
}
// #endregion
