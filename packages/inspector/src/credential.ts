/** What a credential is called: the seed's name, and the newer one. */
const NAMES: readonly string[] = ['auth_token', 'tracking_api_key'];
/** Shorter ones would be found in all sorts of harmless texts. */
const MIN_REDACTED_CHARACTERS = 8;
/** The name however it is quoted or escaped, what may stand between, and the credential itself. */
const IN_TEXT =
  /((?:auth|tracking)(?:_|%5f|\\u005f)(?:token|api(?:_|%5f|\\u005f)key)\W{0,40})(\w[^\s"'&,;<>{}\\]*)/gi;

export type Redact = (text: string) => string;

export function isCredentialName(name: string): boolean {
  return NAMES.includes(name);
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

/** Masks these wherever they strayed. */
export function redactor(secrets: readonly unknown[]): Redact {
  const worth = secrets.filter(
    (secret): secret is string => typeof secret === 'string' && secret.length >= MIN_REDACTED_CHARACTERS,
  );
  return (text) => worth.reduce((result, secret) => result.replaceAll(secret, mask(secret)), text);
}

/** Masks what looks like a credential in a text that could not be read as parameters. */
export function redactText(text: string, redact: Redact): string {
  return redact(text).replaceAll(IN_TEXT, (_all, before: string, secret: string) => before + mask(secret));
}

/** All credentials that came along, wherever. */
export function secretsOf(
  body: Readonly<Record<string, unknown>>,
  query: URLSearchParams,
  known: string | undefined,
): readonly unknown[] {
  return [known, ...NAMES.flatMap((name) => [body[name], query.get(name)])];
}
