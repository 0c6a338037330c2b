/** Options of {@link startInspector}. */
export interface InspectorOptions {
  /**
   * The port to listen on; 0 takes a free one.
   * @default 0
   */
  readonly port?: number | undefined;
  /**
   * The address to listen on: `127.0.0.1`, `::1` or `localhost`, unless `allowRemote` is set.
   * @default '127.0.0.1'
   */
  readonly host?: string | undefined;
  /**
   * Take a `host` that other machines can reach, and there any `Host` header.
   * @default false
   */
  readonly allowRemote?: boolean | undefined;
  /**
   * The only credential that is taken; any other gets a 401.
   * @default any that is not empty
   */
  readonly authToken?: string | undefined;
  /**
   * How many events are kept, and as many duplicates and requests. The oldest are forgotten.
   * @default 10_000
   */
  readonly maxEvents?: number | undefined;
  /**
   * Larger bodies get a 413.
   * @default 1_048_576
   */
  readonly maxBodyBytes?: number | undefined;
  /**
   * Drop a second event with the same credential, name (case, spaces and underscores folded), user id and data
   * within `windowMs` of the first, as Vero does: it gets a 200, and only `duplicates()` lists it.
   * @default no deduplication
   */
  readonly dedupe?: { readonly windowMs: number } | undefined;
}

export interface Settings {
  readonly port: number;
  readonly host: string;
  /** Only this machine reaches `host`. */
  readonly isLocal: boolean;
  readonly authToken: string | undefined;
  readonly maxEvents: number;
  readonly maxBodyBytes: number;
  readonly dedupeMs: number | undefined;
}

const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

/** @throws for options that make no sense or are not safe; never shows the credential */
export function settle(options: InspectorOptions): Settings {
  assertKnown('startInspector', options, OPTIONS);
  const { port = 0, host = '127.0.0.1', allowRemote = false, authToken } = options;
  const { maxEvents = 10_000, maxBodyBytes = 1_048_576, dedupe } = options;
  const isLocal = LOOPBACK.includes(host);
  if (!isLocal && allowRemote !== true) {
    throw new Error(
      `Other machines may reach the inspector on the host ${JSON.stringify(host)}. ` +
        'Use 127.0.0.1, ::1 or localhost, or set allowRemote: true.',
    );
  }
  if (authToken !== undefined && (typeof authToken !== 'string' || authToken.trim() === '')) {
    throw new TypeError('authToken must be a non-empty string');
  }
  for (const [name, value] of Object.entries({
    maxEvents,
    maxBodyBytes,
    'dedupe.windowMs': dedupe?.windowMs ?? 1,
  })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} must be a whole number from 1`);
  }
  return { port, host, isLocal, authToken, maxEvents, maxBodyBytes, dedupeMs: dedupe?.windowMs };
}

const OPTIONS: readonly (keyof InspectorOptions)[] = [
  'port',
  'host',
  'allowRemote',
  'authToken',
  'maxEvents',
  'maxBodyBytes',
  'dedupe',
];

/** @throws {TypeError} for an option that there is not: a typo would be without effect */
export function assertKnown(where: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`${where}: there is no option "${unknown}". There are: ${known.join(', ')}`);
  }
}
