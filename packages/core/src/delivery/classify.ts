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

/** The codes of an error, its causes and (happy eyeballs) its parts. */
export function errorCodes(thrown: unknown, depth = 0): string[] {
  if (typeof thrown !== 'object' || thrown === null || depth > 5) return [];
  const { code, cause, errors } = thrown as { code?: unknown; cause?: unknown; errors?: unknown };
  return [
    ...(typeof code === 'string' ? [code] : []),
    ...errorCodes(cause, depth + 1),
    ...(Array.isArray(errors) ? errors.flatMap((part) => errorCodes(part, depth + 1)) : []),
  ];
}
