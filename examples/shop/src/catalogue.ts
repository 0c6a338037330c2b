import { setTimeout as wait } from 'node:timers/promises';

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly price: number;
}

export const catalogue: readonly Product[] = [
  { id: 'shoes', name: 'Blue shoes', price: 59 },
  { id: 'hat', name: 'Straw hat', price: 25 },
  { id: 'scarf', name: 'Wool scarf', price: 19 },
  { id: 'coat', name: 'Rain coat', price: 120 },
];

/** Slow on purpose: time enough to leave before it is over. */
export async function* catalogueAsCsv(): AsyncGenerator<string> {
  for (const { id, name, price } of catalogue) {
    yield `${id},${name},${price}\n`;
    await wait(250);
  }
}
