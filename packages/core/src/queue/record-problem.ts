import type { QueueRecord } from './contract.ts';

/** What is wrong with a record that was read back from where others may have changed it; nothing for one that may be sent. */
export function problemOf(record: QueueRecord): string | undefined {
  const { v, kind, id, name, body } = record;
  // Others know how to read it.
  if (v !== 1 || kind !== 'track') return undefined;
  if (!isText(id) || !isText(name)) return 'it has no id or no name';
  const { acceptedAt, attempts, notBefore } = record;
  if (![acceptedAt, attempts, notBefore].every(Number.isFinite))
    return 'its times or its attempts are no numbers';
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return 'its body is not JSON';
  }
  if (typeof parsed !== 'object' || parsed === null) return 'its body is no object';
  // Of a list of one text, `JSON.parse` takes that.
  if (typeof body !== 'string') return 'its body is no text';
  const { event_name: event, identity, auth_token: token } = parsed as Record<string, unknown>;
  if (token !== undefined) return 'its body has a credential in it';
  if (event !== name) return 'its body is of another event';
  return typeof identity === 'object' && identity !== null ? undefined : 'its body has no identity';
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
