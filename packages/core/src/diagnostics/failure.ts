import { errorCodes } from '../delivery/classify.ts';
import type { DeliveryError } from '../errors.ts';

/** Names that others give: nothing that could hold a value goes on. */
const CODE = /^[A-Za-z][\w.-]{0,63}$/;
const NAMES: Readonly<Record<string, string>> = { TimeoutError: 'timeout', AbortError: 'aborted' };

/** What went wrong, in a word of which there are few. */
export function failureOf({ status, cause, code }: DeliveryError): string {
  if (status !== undefined) return String(status);
  if (code === 'VERO_CREDENTIAL') return code;
  const known = errorCodes(cause).find((each) => CODE.test(each));
  return known ?? NAMES[(cause as Error | undefined)?.name ?? ''] ?? 'unknown';
}
