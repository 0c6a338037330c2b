/** What AWS gives a function, in the shapes that its documentation shows. */
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithJWTAuthorizer,
  Context,
  EventBridgeEvent,
  SQSEvent,
  SQSRecord,
} from 'aws-lambda';
import type { Receipt } from '../src/your-app.ts';

export function httpRequest(
  item: string,
  headers: Record<string, string> = {},
): APIGatewayProxyEventV2 & { body: string } {
  return {
    version: '2.0',
    routeKey: 'POST /orders',
    rawPath: '/orders',
    rawQueryString: '',
    headers: {
      host: 'id.execute-api.eu-central-1.amazonaws.com',
      'content-type': 'application/json',
      ...headers,
    },
    requestContext: {
      accountId: '123456789012',
      apiId: 'api-id',
      domainName: 'id.execute-api.eu-central-1.amazonaws.com',
      domainPrefix: 'id',
      http: {
        method: 'POST',
        path: '/orders',
        protocol: 'HTTP/1.1',
        sourceIp: '192.0.2.1',
        userAgent: 'agent',
      },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: 'POST /orders',
      stage: '$default',
      time: '12/Mar/2026:19:03:58 +0000',
      timeEpoch: 1_773_342_238_000,
    },
    body: JSON.stringify({ item }),
    isBase64Encoded: false,
  };
}

export function authorizedRequest(item: string): APIGatewayProxyEventV2WithJWTAuthorizer {
  const { requestContext, ...request } = httpRequest(item);
  const jwt = {
    claims: { sub: '42', email: 'jane@example.com', iss: 'https://id.example.com' },
    scopes: ['order'],
  };
  const authorizer = { principalId: '', integrationLatency: 0, jwt };
  return { ...request, requestContext: { ...requestContext, authorizer } };
}

const receipt = (orderId: string): Receipt => ({ orderId, user: { id: '42', email: 'jane@example.com' } });

export const orderPaid = (orderId: string): EventBridgeEvent<'OrderPaid', Receipt> => ({
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': 'OrderPaid',
  source: 'shop.payments',
  account: '111122223333',
  time: '2026-03-12T19:03:58Z',
  region: 'eu-central-1',
  resources: [],
  detail: receipt(orderId),
});

export const batchOf = (...orderIds: readonly string[]): SQSEvent => ({ Records: orderIds.map(message) });

const message = (orderId: string): SQSRecord => ({
  messageId: `message of ${orderId}`,
  receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a…',
  body: JSON.stringify(receipt(orderId)),
  attributes: {
    ApproximateReceiveCount: '1',
    SentTimestamp: '1773342238000',
    SenderId: 'AIDAIENQZJOLO23YVJ4VO',
    ApproximateFirstReceiveTimestamp: '1773342238001',
  },
  messageAttributes: {},
  md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:eu-central-1:123456789012:receipts',
  awsRegion: 'eu-central-1',
});

export const context: Context = {
  callbackWaitsForEmptyEventLoop: true,
  functionName: 'orders',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:orders',
  memoryLimitInMB: '128',
  awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e812345678',
  logGroupName: '/aws/lambda/orders',
  logStreamName: '2026/03/12/[$LATEST]7a9f',
  getRemainingTimeInMillis: () => 3_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
};
