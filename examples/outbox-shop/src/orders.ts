import type { events, identity, ShopVero } from '@verotrack/example-shop';
import { createOutbox, type Outbox } from '@verotrack/pg-boss';
import type { Database } from './database.ts';

export interface Wish {
  readonly userId: string;
  readonly productId: string;
  readonly items: number;
}

export interface Order {
  readonly id: string;
  readonly items: number;
  readonly total: number;
}

/** Orders. It knows nothing of requests. */
export class Orders {
  readonly #db: Database;
  readonly #outbox: Outbox<typeof events, typeof identity>;

  constructor(db: Database, vero: ShopVero) {
    this.#db = db;
    this.#outbox = createOutbox(vero);
  }

  // #region order
  /** The order, its event, and what it takes from the stock: all of it, or nothing. */
  async place({ userId, productId, items }: Wish): Promise<Order | undefined> {
    return await this.#db.transaction().execute(async (tx) => {
      const product = await tx
        .selectFrom('products')
        .select('price')
        .where('id', '=', productId)
        .executeTakeFirst();
      if (!product) return undefined;
      const order = await tx
        .insertInto('orders')
        .values({ user_id: userId, product_id: productId, items, total: items * product.price })
        .returning(['id', 'items', 'total'])
        .executeTakeFirstOrThrow();

      // Whose it is, the scope of the request knows.
      await this.#outbox(tx).track('purchased', {
        data: { order_id: order.id, items: order.items, total: order.total },
      });

      // Refused when there are not so many: then there is no order, and no event.
      await tx
        .updateTable('products')
        .set((product) => ({ stock: product('stock', '-', items) }))
        .where('id', '=', productId)
        .execute();
      return order;
    });
  }
  // #endregion

  async productsInStock(): Promise<readonly { readonly id: string; readonly name: string }[]> {
    return await this.#db.selectFrom('products').select(['id', 'name']).where('stock', '>', 0).execute();
  }
}
