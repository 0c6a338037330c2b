// #region example
import { subscribe } from '@verotrack/core/diagnostics';

export const lost: Record<string, number> = {};

export const stop: () => void = subscribe('dropped', ({ client, event, reason }) => {
  const key = `${client.project} ${event.name} ${reason}`;
  lost[key] = (lost[key] ?? 0) + 1;
});
// #endregion
