import { Injectable } from '@nestjs/common';
import type { Vero } from '@verotrack/core';
import type { Product, User } from '@verotrack/example-shop';
import { InjectVero } from '@verotrack/nestjs';

/** Carts and purchases. It knows nothing of requests. */
@Injectable()
export class Orders {
  readonly #carts = new Map<string, Product[]>();
  #lastId = 0;

  constructor(@InjectVero() private readonly vero: Vero) {}

  cartOf(user: User): Product[] {
    return this.#carts.get(user.id) ?? [];
  }

  addToCart(user: User, product: Product): void {
    this.#carts.set(user.id, [...this.cartOf(user), product]);
  }

  /** Sells the cart, if there is something in it. */
  purchase(user: User): { id: string; total: number } | undefined {
    const items = this.cartOf(user);
    if (items.length === 0) return undefined;
    this.#carts.delete(user.id);
    const id = String(++this.#lastId);
    const total = items.reduce((sum, { price }) => sum + price, 0);
    // Sent if the request around this succeeds, whose scope also knows the user.
    this.vero.trackOnSuccess('purchased', { data: { order_id: id, items: items.length, total } });
    return { id, total };
  }
}
