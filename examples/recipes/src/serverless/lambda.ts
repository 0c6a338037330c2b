// #region handler
import { createVero } from '@verotrack/core';
import type {
  APIGatewayProxyEventV2WithJWTAuthorizer,
  APIGatewayProxyStructuredResultV2,
  EventBridgeEvent,
} from 'aws-lambda';
import { placeOrder, type Receipt, sendReceipt } from '../your-app.ts';

// Outside the handler: one client for each environment, not for each invocation.
const vero = createVero({ preset: 'serverless' });

export async function handler(
  event: APIGatewayProxyEventV2WithJWTAuthorizer,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { sub, email } = event.requestContext.authorizer.jwt.claims; // API Gateway has verified them
  try {
    const identity = { id: String(sub), ...(email ? { email: String(email) } : {}) };
    return await vero.run({ identity }, async () => {
      const order = await placeOrder(JSON.parse(event.body ?? '{}').item);
      vero.trackOnSuccess('purchased', { data: { order_id: order.id } });
      return { statusCode: 201, body: JSON.stringify(order) };
    });
  } finally {
    await vero.flush({ timeout: 5_000 }); // Lambda freezes the process when the handler is over
  }
}
// #endregion

// #region must-have
export async function onOrderPaid({ detail }: EventBridgeEvent<'OrderPaid', Receipt>): Promise<void> {
  await sendReceipt(detail);
  // Rejects when Vero can't be had. Then the invocation has failed, and Lambda repeats it.
  await vero.send('receipt_sent', { identity: detail.user, data: { order_id: detail.orderId } });
}
// #endregion
