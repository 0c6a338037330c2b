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
  const { id, plan: from } = res.locals.user;
  await db.$transaction(async (tx) => {
    const user = await tx.user.update({ where: { id }, data: { plan: req.body.plan } });
    // The row as it is now: so Vero learns the user's new plan.
    const identity = pickIdentity(user, ['id', 'email', 'plan']);
    await outbox(tx).track('changed_plan', { identity, data: { from, to: user.plan } });
  });
  res.sendStatus(204);
});
// #endregion
