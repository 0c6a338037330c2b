/** What a name is called that came when there were enough, as the conventions call it. */
const OTHER = '_OTHER';

/** Bounds how many names of events there are: each is a time series. */
export class EventNames {
  readonly #most: number;
  readonly #known = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  /** The name, or `_OTHER`; `undefined` where names are left out. */
  bounded(name: string): string | undefined {
    if (this.#most === 0) return undefined;
    if (this.#known.has(name)) return name;
    if (this.#known.size >= this.#most || name.length > 255) return OTHER;
    this.#known.add(name);
    return name;
  }
}
