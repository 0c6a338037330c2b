import { events, identity } from '@verotrack/example-shop';
import { createTracking } from '@verotrack/nestjs';

// #region tracking
// Decorators stand on classes, where nothing can be inferred: these know the shop's events.
export const { TrackEvent } = createTracking(events, identity);
// #endregion
