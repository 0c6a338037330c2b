// #region loop
import { createVero } from '@verotrack/core';
import { type Receipt, sendReceipt } from '../your-app.ts';
import type { MessageQueue } from './message-queue.ts';

const vero = createVero();

export async function consume(queue: MessageQueue<Receipt>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const message of await queue.receive({ signal })) {
      const receipt = message.body;
      const job = vero.run({ identity: receipt.user }, async () => {
        vero.trackOnSuccess('receipt_sent', { data: { order_id: receipt.orderId } });
        await sendReceipt(receipt);
        await queue.delete(message); // within the scope: what comes again is tracked when it comes again
      });
      await job.catch((error) => console.error(error.message));
    }
  }
  await vero.close();
}
// #endregion
