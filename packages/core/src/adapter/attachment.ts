type Carrier<Value> = Record<symbol, Value | undefined>;

/**
 * A value that is kept with an object, for objects that live as long as a request. A `WeakMap` would do, but what is in one
 * outlives the quick collections of short-lived objects: with a few of them on each request, collecting cost more than tracking.
 */
export class Attachment<Value> {
  readonly #key: symbol;

  /** @param name - what a debugger shows it as */
  constructor(name: string) {
    this.#key = Symbol(`verotrack.${name}`);
  }

  /** What is kept with an object, if anything is. */
  get(object: object): Value | undefined {
    return (object as Carrier<Value>)[this.#key];
  }

  /** Keeps a value with an object, in the place of the one before. */
  set(object: object, value: Value): void {
    (object as Carrier<Value>)[this.#key] = value;
  }

  /** Leaves the property behind: an object that loses one is slow from then on. */
  clear(object: object): void {
    (object as Carrier<Value>)[this.#key] = undefined;
  }
}
