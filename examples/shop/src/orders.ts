import type { Product } from './catalogue.ts';
import type { ShopVero } from './events.ts';
import type { User } from './users.ts';

export interface Order {
  readonly id: string;
  readonly userId: string;
  readonly items: readonly Product[];
  readonly total: number;
}

/** Carts and orders. It knows nothing of requests and calls. */
export class Orders {
  readonly #vero: ShopVero;
  readonly #carts = new Map<string, readonly Product[]>();
  readonly #orders = new Map<string, Order>();
  #lastId = 0;

  constructor(vero: ShopVero) {
    this.#vero = vero;
  }

  cartOf(user: User): readonly Product[] {
    return this.#carts.get(user.id) ?? [];
  }

  addToCart(user: User, product: Product): void {
    this.#carts.set(user.id, [...this.cartOf(user), product]);
  }

  /** Orders what is in the cart, if there is something in it. */
  purchase(user: User): Order | undefined {
    const items = this.cartOf(user);
    if (items.length === 0) return undefined;
    const total = items.reduce((sum, { price }) => sum + price, 0);
    const order: Order = { id: String(++this.#lastId), userId: user.id, items, total };
    this.#orders.set(order.id, order);
    this.#carts.delete(user.id);
    // Sent if the request or call around this succeeds, whose scope also knows the user.
    this.#vero.trackOnSuccess('purchased', { data: { order_id: order.id, items: items.length, total } });
    return order;
  }

  /** As if it had not been ordered. */
  takeBack({ id, userId, items }: Order): void {
    this.#orders.delete(id);
    this.#carts.set(userId, [...items, ...(this.#carts.get(userId) ?? [])]);
  }

  find(user: User, id: string): Order | undefined {
    const order = this.#orders.get(id);
    return order?.userId === user.id ? order : undefined;
  }
}
