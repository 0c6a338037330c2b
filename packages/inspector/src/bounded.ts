/** About how much memory what is kept may take, whatever its number. */
const MAX_WEIGHT: number = 128 * 1024 * 1024;

/** A list that forgets its oldest items when there are too many of them, or when they weigh too much. */
export class Bounded<T> {
  readonly #limit: number;
  readonly #maxWeight: number;
  #items: { readonly item: T; readonly weight: number }[] = [];
  /** Those before it are forgotten, and go when there are many: to move all others each time would be slow. */
  #start = 0;
  #weight = 0;

  constructor(limit: number, maxWeight: number = MAX_WEIGHT) {
    this.#limit = limit;
    this.#maxWeight = maxWeight;
  }

  get size(): number {
    return this.#items.length - this.#start;
  }

  /** @returns how many were forgotten for it */
  push(item: T, weight: number): number {
    this.#items.push({ item, weight });
    this.#weight += weight;
    const before = this.size;
    while (this.size > this.#limit || (this.#weight > this.#maxWeight && this.size > 1)) this.#forget();
    return before - this.size;
  }

  at(index: number): T | undefined {
    return index < 0 ? undefined : this.#items[this.#start + index]?.item;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let index = this.#start; index < this.#items.length; index += 1) {
      const each = this.#items[index];
      if (each) yield each.item;
    }
  }

  /** The place of the first item that `isLate` is true for; it is for all after that. */
  search(isLate: (item: T) => boolean): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isLate(this.at(middle) as T)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  clear(): void {
    this.#items = [];
    this.#start = 0;
    this.#weight = 0;
  }

  #forget(): void {
    this.#weight -= this.#items[this.#start]?.weight ?? 0;
    // Freed now, though its place goes later.
    delete this.#items[this.#start];
    this.#start += 1;
    if (this.#start < 1_000 || this.#start < this.#items.length / 2) return;
    this.#items = this.#items.slice(this.#start);
    this.#start = 0;
  }
}
