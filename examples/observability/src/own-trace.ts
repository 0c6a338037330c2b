import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from '@verotrack/core/diagnostics';

export const requestId: AsyncLocalStorage<string> = new AsyncLocalStorage();
export const log: string[] = [];

// #region example
subscribe('created', (message) => {
  message.trace = requestId.getStore(); // in the request that made the event
});
subscribe('attempt:end', ({ event, trace, end }) => {
  log.push(`${event.name} of request ${trace}: ${end?.failure ?? 'delivered'}`); // perhaps in another process
});
// #endregion
