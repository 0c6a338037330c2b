// #region example
import { PrismaPg } from '@prisma/adapter-pg';
import { createOutbox } from '@verotrack/pg-boss';
import { PrismaClient } from './prisma-client.ts';
import type { Order, User } from './shop.ts';
import { vero } from './vero.ts';

const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL });
const db = new PrismaClient({ adapter });
const outbox = createOutbox(vero);

export async function placeOrder(order: Order, { id, email }: User): Promise<void> {
  await db.$transaction(async (tx) => {
    await tx.order.create({ data: order });
    await outbox(tx).track('purchased', { identity: { id, email }, data: { order_id: order.id } });
  });
}
// #endregion

export const close = (): Promise<void> => db.$disconnect();
