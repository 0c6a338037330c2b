import { parseArgs } from 'node:util';
import {
  aRate,
  isQueueCommand,
  type OptionRule,
  positiveInteger,
  QUEUE_COMMAND_OPTIONS,
  QUEUE_COMMANDS_USAGE,
  type QueueCommandOptions,
} from '@verotrack/core/queue';
import { aQueueName, aSchemaName, type PgBossQueueOptions, secondsOfTakeOver } from './options.ts';

export const USAGE: string = `Usage: verotrack-pg-boss [command] [options]

${QUEUE_COMMANDS_USAGE}

  worker   delivers until SIGTERM or SIGINT, lets the attempts under way end, and says what it did

  --project <name>             whose events (default "default")
  --concurrency <n>            attempts under way at once (default 16)
  --rate-per-second <n>        how many events all workers together may send in a second (default: as many as they can)
  --connections <n>            connections to Postgres (default 4)
  --take-over-after <seconds>  how soon others get what a worker held that died, from 20 (default 60)
  --close-timeout <seconds>    how long it may take to end (default 25)
  --port <n>                   serve GET /health and GET /metrics there (0 takes a free one)
  --host <address>             listen on this address (default 127.0.0.1: this machine only)
  --no-migrate                 the schema is made by somebody else, by what sql prints

  sql      prints the SQL that makes the schema, to be reviewed and run by somebody else

  --role <name>     with the grants for this role, which only works with it
  --from <version>  brings a schema up to date that is of this version of pg-boss's

For all commands:

  --schema <name>  the schema of pg-boss (default "verotrack")
  --queue <name>   what the queues are called in it, before the project (default "verotrack")
  --help, --version

DATABASE_URL is the Postgres; VERO_AUTH_TOKEN and VERO_BASE_URL are as for createVero.`;

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean' } as const;

const COMMON = {
  schema: TEXT,
  queue: TEXT,
  help: { ...FLAG, short: 'h' },
  version: { ...FLAG, short: 'v' },
} as const;
const OF_WORKER = {
  project: TEXT,
  concurrency: TEXT,
  'rate-per-second': TEXT,
  connections: TEXT,
  'take-over-after': TEXT,
  'close-timeout': TEXT,
  port: TEXT,
  host: TEXT,
  'no-migrate': FLAG,
} as const;
const OF_SQL = { role: TEXT, from: TEXT } as const;

export interface WorkerCommand {
  readonly command: 'worker';
  readonly queue: PgBossQueueOptions;
  readonly project: string | undefined;
  readonly concurrency: number | undefined;
  readonly closeTimeoutMs: number;
  /** Where it tells of itself, if it does. */
  readonly monitor: { readonly port: number; readonly host: string } | undefined;
}

export interface SqlCommand {
  readonly command: 'sql';
  readonly schema: string;
  readonly role: string | undefined;
  readonly from: number | undefined;
}

/** One of those that look into the queue. */
export interface LookCommand {
  readonly command: 'look';
  readonly queue: PgBossQueueOptions;
  readonly name: string;
  readonly options: QueueCommandOptions;
}

export type CommandLine = WorkerCommand | SqlCommand | LookCommand | { readonly command: 'help' | 'version' };

/** A wrong use of the command. */
export class UsageError extends Error {}

/** @throws {UsageError} for what is no command or option, or not what the option takes */
export function readCommandLine(args: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const { values, positionals } = parse(args);
  if (values.help) return { command: 'help' };
  if (values.version) return { command: 'version' };
  const [name = 'status', ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`There is one command only, and "${rest[0]}" is too much.`);
  if (name !== 'worker' && name !== 'sql' && !isQueueCommand(name)) {
    throw new UsageError(`There is no command "${name}".`);
  }
  assertOnly(name, Object.keys(values));
  const schema = text('schema', values.schema, aSchemaName);
  if (name === 'sql') {
    return {
      command: 'sql',
      schema: schema ?? 'verotrack',
      role: text('role', values.role, aSchemaName),
      from: number('from', values.from, positiveInteger),
    };
  }
  const queue = {
    connectionString: databaseUrl(env),
    schema,
    queue: text('queue', values.queue, aQueueName),
  };
  // A typo in the schema's name must not make one.
  if (name !== 'worker')
    return { command: 'look', queue: { ...queue, migrate: false }, name, options: values };
  const port = number('port', values.port, aPort);
  if (port === undefined && values.host !== undefined) throw new UsageError('--host needs --port, too.');
  return {
    command: 'worker',
    queue: {
      ...queue,
      migrate: !values['no-migrate'],
      connections: number('connections', values.connections, positiveInteger),
      ratePerSecond: number('rate-per-second', values['rate-per-second'], aRate),
      takeOverAfterSeconds: number('take-over-after', values['take-over-after'], secondsOfTakeOver),
    },
    project: text('project', values.project, aName),
    concurrency: number('concurrency', values.concurrency, positiveInteger),
    closeTimeoutMs: 1_000 * (number('close-timeout', values['close-timeout'], seconds) ?? 25),
    monitor: port === undefined ? undefined : { port, host: text('host', values.host, aName) ?? '127.0.0.1' },
  };
}

type Values = ReturnType<typeof parse>['values'];

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...COMMON, ...OF_WORKER, ...OF_SQL, ...QUEUE_COMMAND_OPTIONS },
    });
  } catch (thrown) {
    throw new UsageError((thrown as Error).message);
  }
}

function assertOnly(command: string, given: readonly string[]): void {
  let own: object = QUEUE_COMMAND_OPTIONS;
  if (command === 'worker') own = OF_WORKER;
  if (command === 'sql') own = OF_SQL;
  const unknown = given.find((name) => !Object.hasOwn(own, name) && !Object.hasOwn(COMMON, name));
  if (unknown !== undefined) throw new UsageError(`--${unknown} is no option of ${command}.`);
}

const aPort: OptionRule = {
  expected: 'a whole number from 0 to 65535',
  accepts: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535,
};
/** A day: whatever ends it has lost its patience before. */
const MOST_SECONDS = 86_400;
const seconds: OptionRule = {
  expected: `a number of seconds from 1 to ${MOST_SECONDS}`,
  accepts: (value) => typeof value === 'number' && value >= 1 && value <= MOST_SECONDS,
};
/** An empty host would be every address of the machine. */
const aName: OptionRule = {
  expected: 'a name',
  accepts: (value) => (value as string).trim() !== '',
};

function text(name: keyof Values, value: string | undefined, rule: OptionRule): string | undefined {
  return value === undefined ? undefined : held(name, value, rule);
}

function number(name: keyof Values, value: string | undefined, rule: OptionRule): number | undefined {
  // What `Number` makes of it: of nothing a 0, of 0x10 a 16.
  return value === undefined
    ? undefined
    : held(name, /^\d*\.?\d+$/.test(value) ? Number(value) : Number.NaN, rule);
}

function held<T>(name: string, value: T, rule: OptionRule): T {
  if (!rule.accepts(value)) throw new UsageError(`--${name} must be ${rule.expected}`);
  return value;
}

function databaseUrl(env: NodeJS.ProcessEnv): string {
  const url = env.DATABASE_URL?.trim();
  if (!url)
    throw new UsageError(
      'The environment variable DATABASE_URL is missing: postgres://user:password@host/database',
    );
  // Without a host it is a socket's. Not shown: it has a password.
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url.replace('@/', '@localhost/'))) {
    throw new UsageError(
      'The environment variable DATABASE_URL must be like postgres://user:password@host/database',
    );
  }
  return url;
}
