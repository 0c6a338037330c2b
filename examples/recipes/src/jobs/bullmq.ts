// #region worker
import { createVero } from '@verotrack/core';
import { Worker } from 'bullmq';
import { type Receipt, sendReceipt } from '../your-app.ts';
import { connection } from './connection.ts';

const vero = createVero();

export const worker: Worker<Receipt> = new Worker<Receipt>(
  'receipts',
  ({ data }) =>
    vero.run({ identity: data.user }, async () => {
      vero.trackOnSuccess('receipt_sent', { data: { order_id: data.orderId } });
      await sendReceipt(data); // if this throws, nothing is sent, and BullMQ tries the job again
    }),
  { connection },
);
worker.on('error', (error) => console.error(error.message));

export async function shutDown(): Promise<void> {
  await worker.close(); // jobs first: their events are still to come
  await vero.close();
}
// #endregion
