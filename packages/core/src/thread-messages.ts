/** What crosses between the host and the thread that sends for it: per batch an object, per event primitives only. */

export interface ThreadData {
  readonly connections: number | undefined;
}

/** The host's messages, in the order in which they hold: what is sent goes to the last target, with the last credential. */
export type ToThread =
  | { readonly kind: 'credential'; readonly credential: string }
  | { readonly kind: 'target'; readonly url: string; readonly headers: Readonly<Record<string, string>> }
  | {
      readonly kind: 'send';
      /** The number of the first body. The others count on from it. */
      readonly first: number;
      readonly bodies: readonly string[];
      readonly timeoutMs: number;
    };

/** The thread's messages: that it can send now, and then how attempts ended. */
export type FromThread = 'ready' | Ends;

export interface Ends {
  /** Of those that succeeded: number and status in turn. */
  readonly delivered: readonly number[];
  /** Any other answer: number, status, milliseconds of `Retry-After`, message. */
  readonly refused: readonly (readonly [number, number, number | undefined, string | undefined])[];
  /** No answer: number, message, and the codes of the error. */
  readonly failed: readonly (readonly [number, string, readonly string[]])[];
}
