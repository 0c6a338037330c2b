// #region handler
import { createVero } from '@verotrack/core';
import type { SQSBatchItemFailure, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type Receipt, sendReceipt } from '../your-app.ts';

const vero = createVero({ preset: 'serverless' });

export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchItemFailure[] = [];
  await Promise.all(
    Records.map((record) =>
      handle(record).catch((error) => {
        console.error(error.message);
        batchItemFailures.push({ itemIdentifier: record.messageId }); // SQS gives it again
      }),
    ),
  );
  await vero.flush({ timeout: 5_000 });
  return { batchItemFailures };
}

/** One message, one scope. */
async function handle({ body }: SQSRecord): Promise<void> {
  const receipt: Receipt = JSON.parse(body);
  await vero.run({ identity: receipt.user }, async () => {
    vero.trackOnSuccess('receipt_sent', { data: { order_id: receipt.orderId } });
    await sendReceipt(receipt);
  });
}
// #endregion
