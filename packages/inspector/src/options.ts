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
   * Take a `host` that other machines can reach. There the Track API takes any `Host` header, unless `allowHosts` is
   * set; the page takes IP addresses and those names.
   * @default false
   */
  readonly allowRemote?: boolean | undefined;
  /**
   * More names in a `Host` header that are taken, such as `vero` in a compose network.
   * @default none besides localhost, 127.0.0.1 and [::1]
   */
  readonly allowHosts?: readonly string[] | undefined;
  /**
   * The only credential that is taken; any other gets a 401.
   * @default any that is not empty
   */
  readonly authToken?: string | undefined;
  /**
   * How many events are kept, and as many duplicates, requests and people. The oldest are forgotten; also before that,
   * when all takes more than about 128 MB.
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
   * @default no deduplication: the page marks what Vero would drop within five minutes
   */
  readonly dedupe?: { readonly windowMs: number } | undefined;
  /**
   * A SQLite file that keeps what the page shows, also when the process ends. `events()` is about this process only.
   * @default in memory
   */
  readonly database?: string | undefined;
}

export interface Settings {
  readonly port: number;
  readonly host: string;
  /** Only this machine reaches `host`. */
  readonly isLocal: boolean;
  readonly allowHosts: readonly string[] | undefined;
  readonly authToken: string | undefined;
  readonly maxEvents: number;
  readonly maxBodyBytes: number;
  readonly dedupeMs: number | undefined;
  readonly database: string | undefined;
}

const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host);
}

/** @throws for options that make no sense or are not safe; never shows the credential */
export function settle(options: InspectorOptions): Settings {
  assertKnown('startInspector', options, OPTIONS);
  const { port = 0, host = '127.0.0.1', allowRemote = false, allowHosts, authToken, database } = options;
  const { maxEvents = 10_000, maxBodyBytes = 1_048_576, dedupe } = options;
  const isLocal = isLoopback(host);
  if (!isLocal && allowRemote !== true) {
    throw new Error(
      `Other machines may reach the inspector on the host ${JSON.stringify(host)}. ` +
        'Use 127.0.0.1, ::1 or localhost, or set allowRemote: true.',
    );
  }
  if (authToken !== undefined && (typeof authToken !== 'string' || authToken.trim() === '')) {
    throw new TypeError('authToken must be a non-empty string');
  }
  if (allowHosts !== undefined && !(Array.isArray(allowHosts) && allowHosts.every(isHostName))) {
    throw new TypeError("allowHosts must be a list of host names without port, such as ['vero']");
  }
  if (database !== undefined && (typeof database !== 'string' || database === '')) {
    throw new TypeError('database must be the path of a file');
  }
  for (const [name, value] of Object.entries({
    maxEvents,
    maxBodyBytes,
    'dedupe.windowMs': dedupe?.windowMs ?? 1,
  })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} must be a whole number from 1`);
  }
  return {
    port,
    host,
    isLocal,
    allowHosts: allowHosts?.map((name) => name.toLowerCase()),
    authToken,
    maxEvents,
    maxBodyBytes,
    dedupeMs: dedupe?.windowMs,
    database,
  };
}

const OPTIONS: readonly (keyof InspectorOptions)[] = [
  'port',
  'host',
  'allowRemote',
  'allowHosts',
  'authToken',
  'maxEvents',
  'maxBodyBytes',
  'dedupe',
  'database',
];

/** @throws {TypeError} for an option that there is not: a typo would be without effect */
export function assertKnown(where: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`${where}: there is no option "${unknown}". There are: ${known.join(', ')}`);
  }
}

function isHostName(name: unknown): boolean {
  return typeof name === 'string' && /^[\w.-]+$/.test(name);
}
