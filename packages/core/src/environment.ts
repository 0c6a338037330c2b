import type { VeroOptions } from './client-options.ts';
import { VeroError } from './errors.ts';

const TRACK_PATH = 'api/v2/events/track';

/** @throws {VeroError} `VERO_CONFIG` when there is none, unless nothing is sent anyway */
export function tokenFrom(env: NodeJS.ProcessEnv, enabled: boolean): string {
  const token = env.VERO_AUTH_TOKEN;
  if (token?.trim()) return token.trim();
  if (!enabled) return '';
  throw new VeroError(
    'VERO_CONFIG',
    'createVero: option "authToken" is missing. Pass it, or set VERO_AUTH_TOKEN; to send nothing, pass enabled: false.',
  );
}

/** @throws {VeroError} `VERO_CONFIG` for another value than 1, 0, true and false */
export function booleanFrom(env: NodeJS.ProcessEnv, name: string): boolean | undefined {
  const value = env[name]?.trim().toLowerCase();
  if (value === undefined || value === '') return undefined;
  if (value === '1' || value === 'true') return true;
  if (value === '0' || value === 'false') return false;
  throw new VeroError('VERO_CONFIG', `The environment variable ${name} must be 1, 0, true or false`);
}

/**
 * Where events go: below the option `baseUrl`, or else the environment's, or else Vero itself.
 *
 * @throws {VeroError} `VERO_CONFIG` for what is no URL, or would show the auth token to others on the way
 */
export function trackUrl(
  { baseUrl, allowInsecure = false }: Pick<VeroOptions, 'baseUrl' | 'allowInsecure'>,
  env: NodeJS.ProcessEnv,
): string {
  const fromEnv = baseUrl === undefined ? env.VERO_BASE_URL?.trim() : undefined;
  const name = fromEnv ? 'The environment variable VERO_BASE_URL' : 'createVero: option "baseUrl"';
  const given = baseUrl ?? (fromEnv || 'https://api.getvero.com');
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new VeroError('VERO_CONFIG', `${name} must be a URL like https://api.getvero.com`);
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new VeroError('VERO_CONFIG', `${name} must have no credentials, query or fragment`);
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !allowInsecure) {
    throw new VeroError(
      'VERO_CONFIG',
      `${name} would send the auth token in plain text to ${url.hostname}; use https, or pass allowInsecure: true`,
    );
  }
  return new URL(TRACK_PATH, url.href.endsWith('/') ? url : `${url.href}/`).href;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
