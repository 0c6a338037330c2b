import type { IncomingMessage, ServerResponse } from 'node:http';

const ALWAYS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** For the page: its own files and its own server, and nothing else. */
const PAGE: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * Vero's own client runs in web pages of any origin and sends JSON, for which a browser asks first. So the Track API
 * answers every origin, as Vero does: whoever may ask can send events, without cookies, and reads that they arrived.
 * What was received is under `/_/`, which no other origin gets to see.
 */
const TRACK: Readonly<Record<string, string>> = { 'access-control-allow-origin': '*' };

const PREFLIGHT: Readonly<Record<string, string>> = {
  'access-control-allow-methods': 'GET, POST, PUT',
  'access-control-allow-headers': 'content-type, accept',
  'access-control-max-age': '600',
};

export function setPageHeaders(res: ServerResponse): void {
  setAll(res, ALWAYS);
  setAll(res, PAGE);
  res.setHeader('cache-control', 'no-store');
}

export function setTrackHeaders(res: ServerResponse): void {
  setAll(res, ALWAYS);
  setAll(res, TRACK);
}

/** Whether a browser asks if a page may send what it wants to. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}

export function answerPreflight(res: ServerResponse): void {
  setAll(res, PREFLIGHT);
  res.writeHead(204).end();
}

function setAll(res: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
}
