// #region microservice
import { Controller, Module } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import type { Vero } from '@verotrack/core';
import { InjectVero, VeroModule } from '@verotrack/nestjs';
import { type Receipt, sendReceipt } from '../your-app.ts';

@Controller()
export class ReceiptsController {
  constructor(@InjectVero() private readonly vero: Vero) {}

  @MessagePattern('receipts.send') // somebody waits for the answer
  async send(@Payload() receipt: Receipt): Promise<{ sent: string }> {
    return await this.vero.run({ identity: receipt.user }, async () => {
      this.vero.trackOnSuccess('receipt_sent', { data: { order_id: receipt.orderId } });
      await sendReceipt(receipt);
      return { sent: receipt.orderId };
    });
  }

  @EventPattern('order.paid') // nobody does
  async onOrderPaid(@Payload() receipt: Receipt): Promise<void> {
    await this.send(receipt);
  }
}

@Module({ imports: [VeroModule.forRoot()], controllers: [ReceiptsController] })
export class ReceiptsModule {}
// #endregion
