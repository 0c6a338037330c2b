/** Segment keeps its other destinations; Vero gets the event from Verotrack. */
import { Analytics } from '@segment/analytics-node';

export const analytics: Analytics = new Analytics({
  writeKey: process.env.SEGMENT_WRITE_KEY ?? '',
  host: process.env.SEGMENT_HOST ?? 'https://api.segment.io',
});

export function trackForTheOthers(userId: string): void {
  // #region destinations
  analytics.track({
    userId,
    event: 'add_to_cart',
    properties: { item_name: 'Blue shoes' },
    integrations: { Vero: false }, // Verotrack sends this one
  });
  // #endregion
}
