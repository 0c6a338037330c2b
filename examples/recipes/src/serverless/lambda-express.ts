// #region handler
import { configure } from '@codegenie/serverless-express';
import { createVero, pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2, Context } from 'aws-lambda';
import express from 'express';
import { loadUser, placeOrder } from '../your-app.ts';

/** What has to be over before Lambda may freeze the process. */
const tracking: Promise<void>[] = [];
const vero = createVero({ preset: 'serverless', waitUntil: (promise) => tracking.push(promise) });
const { trackEvent } = expressTracking(vero, {
  identify: ({ req }) => pickIdentity(req.user, ['id', 'email']),
});

const app = express();
app.use(express.json(), loadUser);
app.post('/orders', trackEvent('purchased'), async (req, res) => {
  res.status(201).json(await placeOrder(req.body.item));
});

const serve = configure<APIGatewayProxyEventV2, APIGatewayProxyResultV2>({ app });

export async function handler(
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyResultV2 | undefined> {
  const answer = await serve(event, context, () => {});
  await Promise.all(tracking.splice(0));
  return answer ?? undefined;
}
// #endregion
