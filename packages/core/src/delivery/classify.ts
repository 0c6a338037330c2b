import type { TransportResponse } from '../transport/contract.ts';

/** What an attempt's end means for the event and for all of delivery. */
export type Verdict = typeof DELIVERED | FailureVerdict;

const DELIVERED = { kind: 'delivered' } as const;

export type FailureVerdict =
  | { readonly kind: 'rejected' }
  /** The event's own failure: try it again. `ambiguous`: Vero may have it. */
  | { readonly kind: 'retry'; readonly ambiguous: boolean }
  /** Vero asked for silence. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'unauthorized' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'misconfigured' };

const AMBIGUOUS_STATUSES = new Set([408, 502, 504]);

export function classifyResponse({ status, retryAfterMs }: TransportResponse): Verdict {
  if (status >= 200 && status < 300) return DELIVERED;
  if (status === 401) return { kind: 'unauthorized' };
  if (status === 403) return { kind: 'forbidden' };
  if (status === 429) return { kind: 'throttled', retryAfterMs };
  if (status === 503 && retryAfterMs !== undefined) return { kind: 'throttled', retryAfterMs };
  if (status === 404 || (status >= 300 && status < 400)) return { kind: 'misconfigured' };
  if (status >= 500 || status === 408 || status === 425)
    return { kind: 'retry', ambiguous: AMBIGUOUS_STATUSES.has(status) };
  if (status >= 400) return { kind: 'rejected' };
  return { kind: 'retry', ambiguous: true };
}

/** The connection never stood, so Vero can't have the event. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EMFILE',
  'UND_ERR_CONNECT_TIMEOUT',
  'VERO_THREAD_NOT_STARTED',
]);

const CERTIFICATE =
  /^(CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA)/;

export function classifyFailure(thrown: unknown): FailureVerdict {
  const codes = errorCodes(thrown);
  if (codes.some((code) => CERTIFICATE.test(code))) return { kind: 'misconfigured' };
  return { kind: 'retry', ambiguous: !codes.some((code) => NEVER_SENT.has(code)) };
}

/** More than any connection has; an error may contain itself. */
const MAX_ERRORS_READ = 20;

/** The codes of an error, its causes and (happy eyeballs) its parts. Never throws: a transport rejects with anything. */
export function errorCodes(thrown: unknown): string[] {
  const codes: string[] = [];
  const errors = new Set([thrown]);
  let left = MAX_ERRORS_READ;
  for (const error of errors) {
    if (left-- === 0) break;
    try {
      if (typeof error !== 'object' || error === null) continue;
      const { code, cause, errors: parts } = error as { code?: unknown; cause?: unknown; errors?: unknown };
      if (typeof code === 'string') codes.push(code);
      errors.add(cause);
      if (Array.isArray(parts)) for (const part of parts.slice(0, MAX_ERRORS_READ)) errors.add(part);
    } catch {
      // What can't be read has no code.
    }
  }
  return codes;
}
