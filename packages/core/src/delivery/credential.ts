import { messageOf, VeroError } from '../errors.ts';
import { within } from '../within.ts';

/** Where the auth token comes from: itself, or a function that is asked again after a 401. */
export type CredentialSource = string | (() => string | Promise<string>);

const ASK_TIMEOUT_MS = 10_000;

/** Holds the auth token, and hides it. */
export class Credential {
  readonly #source: CredentialSource;
  readonly #seen = new Set<string>();
  #current: string | undefined;
  #asking: Promise<string> | undefined;

  constructor(source: CredentialSource) {
    this.#source = source;
    if (typeof source === 'string') this.#keep(source);
  }

  /** The token; a promise only when it has to be asked for. */
  get(): string | Promise<string> {
    if (this.#current !== undefined) return this.#current;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Vero refused `token`. Says whether it was the current one: if not, the next attempt has a newer one. */
  refused(token: string): boolean {
    if (token !== this.#current) return false;
    if (typeof this.#source === 'function') this.#current = undefined;
    return true;
  }

  /** `text` without any token this client has used. */
  redact(text: string): string {
    let redacted = text;
    for (const token of this.#seen) {
      for (const form of new Set([
        token,
        encodeURIComponent(token.toWellFormed()),
        JSON.stringify(token).slice(1, -1),
      ])) {
        redacted = redacted.replaceAll(form, '[redacted]');
      }
    }
    return redacted;
  }

  async #ask(): Promise<string> {
    const source = this.#source as () => string | Promise<string>;
    try {
      const token: unknown = await within(ASK_TIMEOUT_MS, source);
      if (typeof token !== 'string' || token.trim() === '') throw new Error('it gave no string');
      this.#keep(token);
      return token;
    } catch (thrown) {
      throw new VeroError(
        'VERO_CREDENTIAL',
        this.redact(`The authToken function failed: ${messageOf(thrown)}`),
      );
    }
  }

  #keep(token: string): void {
    this.#current = token;
    this.#seen.add(token);
    // Rotated tokens are short-lived; an unbounded set would not be.
    const [oldest] = this.#seen;
    if (this.#seen.size > 20 && oldest !== undefined) this.#seen.delete(oldest);
  }
}
