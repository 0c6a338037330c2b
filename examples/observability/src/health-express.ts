import { createVero } from '@verotrack/core';
import express from 'express';

export const vero = createVero();
export const app: express.Express = express();

// #region example
app.get('/live', (_req, res) => res.json({ status: 'ok' })); // nothing of tracking: a restart mends nothing there

app.get('/ready', (_req, res) => {
  const { ok, reasons, pending } = vero.health();
  // Still 200: what can't be delivered now is kept, and the server can do its work.
  res.json({ status: ok ? 'ok' : 'degraded', tracking: { ok, reasons, pending } });
});
// #endregion
