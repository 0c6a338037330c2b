/** What a credential is called: the seed's name, and the newer one. */
const NAMES: readonly string[] = ['auth_token', 'tracking_api_key'];
/** Also what someone took for its name: what is sent under it is secret all the same. */
const LIKE_NAME = /^(?:auth|tracking)[_-]?(?:token|api[_-]?key)$/i;
/** Shorter ones would be found in all sorts of harmless texts. */
const MIN_REDACTED_CHARACTERS = 8;
/** Each is looked for in every text, so a request can't bring any number of them. */
const MAX_REDACTED = 20;
const MASKED = /^….{0,4}$/su;

export type Redact = (text: string) => string;

/** Whether a credential is read from there. */
export function isCredentialName(name: string): boolean {
  return NAMES.includes(name);
}

/** Whether what is there shows masked only. */
export function isSecretName(name: string): boolean {
  return LIKE_NAME.test(name);
}

/** The credential among these parameters: the one in the body goes before the one in the query string. */
export function credentialOf(body: Readonly<Record<string, unknown>>, query: URLSearchParams): unknown {
  const [first] = NAMES.map((name) => body[name]).filter((value) => value !== undefined && value !== null);
  return first ?? NAMES.map((name) => query.get(name)).find((value) => value !== null);
}

/** `…` and its last four characters, and never more than half of it. */
export function mask(credential: string): string {
  return `…${credential.slice(credential.length - Math.min(4, Math.floor(credential.length / 2)))}`;
}

export function isMasked(text: string): boolean {
  return MASKED.test(text);
}

/** Masks these wherever they strayed. */
export function redactor(secrets: readonly unknown[]): Redact {
  const worth = secrets.filter(
    (secret): secret is string => typeof secret === 'string' && secret.length >= MIN_REDACTED_CHARACTERS,
  );
  // One may be the beginning of another.
  const ordered = [...new Set(worth)].slice(0, MAX_REDACTED).sort((a, b) => b.length - a.length);
  // By a function: `$&` at the end of a secret would bring it back.
  return (text) => ordered.reduce((result, secret) => result.replaceAll(secret, () => mask(secret)), text);
}

/** All credentials that came along, wherever. */
export function secretsOf(
  body: Readonly<Record<string, unknown>>,
  query: URLSearchParams,
  known: string | undefined,
): readonly unknown[] {
  const all = [...Object.entries(body), ...query];
  return [known, ...all.filter(([name]) => isSecretName(name)).map(([, value]) => value)];
}
