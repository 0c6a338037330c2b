import type { DeadLetter } from '@verotrack/core/queue';
import type { SqliteQueue } from './sqlite-queue.ts';

export const USAGE = `Usage: verotrack-sqlite <file> [command] [options]

  status   how many events wait, and how many are dead letters (the default)
  dead     the dead letters, a line each
  replay   puts dead letters back into the queue; whoever delivers from the file sends them
  export   the dead letters as NDJSON

  --name <event>    only dead letters of this event
  --reason <text>   only dead letters with this text in their reason
  --rate <n>        replay so many a second
  --dry-run         only say how many would be replayed`;

export interface CommandOptions {
  readonly name?: string | undefined;
  readonly reason?: string | undefined;
  readonly rate?: string | undefined;
  readonly 'dry-run'?: boolean | undefined;
}

/** What a command prints, line by line. @throws {Error} for a command or an option that there is not */
export async function run(queue: SqliteQueue, command: string, options: CommandOptions): Promise<string[]> {
  const { name, reason } = options;
  const filter = ({ record, reason: why }: DeadLetter): boolean =>
    (name === undefined || record.name === name) && (reason === undefined || why.includes(reason));
  switch (command) {
    case 'status':
      return status(queue);
    case 'dead':
      return queue.deadLetters.list().filter(filter).map(describe);
    case 'export':
      return queue.deadLetters
        .list()
        .filter(filter)
        .map((letter) => JSON.stringify(letter));
    case 'replay':
      return await replay(queue, filter, options);
    default:
      throw new Error(`There is no command "${command}".\n\n${USAGE}`);
  }
}

function status(queue: SqliteQueue): string[] {
  const { waiting, taken, deadLetters } = queue.counts();
  return [`waiting       ${waiting}`, `  of them taken ${taken}`, `dead letters  ${deadLetters}`];
}

async function replay(
  queue: SqliteQueue,
  filter: (letter: DeadLetter) => boolean,
  options: CommandOptions,
): Promise<string[]> {
  const ratePerSecond = options.rate === undefined ? undefined : Number(options.rate);
  if (ratePerSecond !== undefined && !(ratePerSecond > 0)) throw new Error('--rate must be a number above 0');
  const dryRun = options['dry-run'] ?? false;
  const { replayed } = await queue.deadLetters.replay({
    filter,
    dryRun,
    ...(ratePerSecond ? { ratePerSecond } : {}),
  });
  return [`${replayed} ${dryRun ? 'would be replayed' : 'replayed'}`];
}

function describe({ record, reason, at }: DeadLetter): string {
  return [new Date(at).toISOString(), record.name, record.id, `${record.attempts + 1} attempts`, reason].join(
    '  ',
  );
}
