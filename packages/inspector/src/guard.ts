import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { isLoopback } from './options.ts';
import { Refusal } from './refusal.ts';

/** Which `Host` headers are taken. */
export interface HostRule {
  /** Only this machine reaches the inspector. */
  readonly isLocal: boolean;
  /** More names that it goes by; `undefined` for none that were told. */
  readonly allowHosts: readonly string[] | undefined;
}

/**
 * A web page whose host name was pointed at this machine (DNS rebinding) still names that host.
 * @throws {Refusal} 403
 */
export function checkHost(headers: IncomingHttpHeaders, { isLocal, allowHosts = [] }: HostRule): void {
  const name = hostName(headers.host ?? '');
  if (isLoopback(name) || allowHosts.includes(name)) return;
  // An address that is no name can't be pointed elsewhere.
  if (!isLocal && isIP(name) !== 0) return;
  throw new Refusal(
    403,
    'Forbidden: the Host header must be localhost, 127.0.0.1 or [::1]. Other names: --allow-host, or the option allowHosts.',
  );
}

/**
 * The page asks, and no other page. What changes something is JSON, for which browsers would ask us first.
 * @throws {Refusal} 403 or 415
 */
export function checkSameOrigin(headers: IncomingHttpHeaders, types: readonly string[] = []): void {
  const { host, origin, 'sec-fetch-site': site } = headers;
  const isForeign = origin !== undefined && origin !== `http://${host}`;
  if (isForeign || (site !== undefined && site !== 'same-origin' && site !== 'none')) {
    throw new Refusal(403, "Forbidden: only the inspector's own page may ask this.");
  }
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (types.length > 0 && !types.includes(type)) {
    throw new Refusal(415, `Unsupported media type: send the header "content-type: ${types[0]}".`);
  }
}

/** `[::1]:80` is `::1`. */
function hostName(host: string): string {
  const [, name = '', bracketed] = /^([\w.-]+|\[([\da-f:.]+)\])(?::\d{1,5})?$/i.exec(host) ?? [];
  return (bracketed ?? name).toLowerCase();
}
