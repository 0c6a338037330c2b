import type { Vero } from '@verotrack/core';
import type { OurTracking } from './setup.ts';

/** What every host serves: one route that adds an item to the cart of the user whom a session would give. */
export interface Shop {
  readonly tracking: OurTracking;
  /** There where something of ours is. */
  readonly vero: Vero | undefined;
  /** Called by hand when the response has finished. */
  readonly peer: PeerCall | undefined;
}

export type PeerCall = (user: User, data: ItemData) => void;

export interface User {
  readonly id: string;
  readonly email: string;
  readonly plan: string;
  readonly passwordHash: string;
}

export interface Item {
  readonly name: string;
  readonly price: number;
}

export type ItemData = { readonly item_name: string; readonly price: number };

export interface RunningHost {
  readonly port: number;
  /** Of the route. */
  readonly path: string;
}

export const EVENT = 'Added to cart';
export const ITEM: Item = { name: 'Blue shoes', price: 49.9 };
export const USER_HEADER = 'x-user';

const users = new Map<unknown, User>(
  Array.from({ length: 100 }, (_, index) => {
    const id = String(index);
    return [id, { id, email: `user-${id}@example.com`, plan: 'pro', passwordHash: 'not for Vero' }];
  }),
);

export function userOf(headers: NodeJS.Dict<string | string[]>): User | undefined {
  return users.get(headers[USER_HEADER]);
}

export function added(item: Item): { readonly added: string; readonly total: number } {
  return { added: item.name, total: item.price };
}

export function dataOf(item: Item): ItemData {
  return { item_name: item.name, price: item.price };
}

/** What is written by hand on a route, in every host. */
export function trackByHand(
  response: { readonly statusCode: number; on(event: 'finish', listener: () => void): unknown },
  peer: PeerCall,
  get: () => { readonly user: User | undefined; readonly item: Item },
): void {
  response.on('finish', () => {
    const { user, item } = get();
    if (user && response.statusCode < 400) peer(user, dataOf(item));
  });
}
