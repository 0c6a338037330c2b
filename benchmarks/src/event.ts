/** The event that everything sends: about 300 bytes as Vero takes it. */
export interface CartEvent {
  readonly name: string;
  readonly identity: { readonly id: string; readonly email: string; readonly plan: string };
  readonly data: {
    readonly item_id: string;
    readonly item_name: string;
    readonly category: string;
    readonly price: number;
    readonly quantity: number;
  };
}

/** Each is of another user and another item. */
export function cartEvent(n: number): CartEvent {
  return {
    name: 'Added to cart',
    identity: { id: `user-${n}`, email: `user-${n}@example.com`, plan: 'professional' },
    data: {
      item_id: `item-${n}`,
      item_name: 'Blue running shoes',
      category: 'Shoes / Running',
      price: 79.9,
      quantity: 1 + (n % 3),
    },
  };
}
