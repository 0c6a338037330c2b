// #region app
import { createVero, pickIdentity } from '@verotrack/core';
import { createOutbox, pgBossQueue } from '@verotrack/pg-boss';
import express from 'express';
import { db } from './database.ts';
import { loadUser, requireUser } from './session.ts';

export const vero = createVero({ queue: pgBossQueue({ connectionString: process.env.DATABASE_URL }) });
const outbox = createOutbox(vero);

export const app: express.Express = express();
app.use(express.json(), loadUser);

app.post('/plan', requireUser, async (req, res) => {
  const { plan } = await db.$transaction(async (tx) => {
    const user = await tx.user.update({ where: { id: req.user?.id ?? '' }, data: { plan: req.body.plan } });
    // The row as it is now: Vero has the new plan of the user, too.
    const identity = pickIdentity(user, ['id', 'email', 'plan']);
    await outbox(tx).track('changed_plan', { identity, data: { from: req.user?.plan, to: user.plan } });
    return user;
  });
  res.json({ plan });
});
// #endregion
