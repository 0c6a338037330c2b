import { oneLine } from '../one-line.ts';
import type { DeadLetter, EventQueue } from './contract.ts';

/** What the commands below are, for people. */
export const QUEUE_COMMANDS_USAGE = `  status   how many events wait, and how many are dead letters (the default)
  dead     the dead letters, a line each
  replay   puts dead letters back into the queue; whoever delivers from it sends them
  export   the dead letters as NDJSON

  --name <event>    only dead letters of this event
  --reason <text>   only dead letters with this text in their reason
  --rate <n>        replay so many a second
  --dry-run         only say how many would be replayed`;

const QUEUE_COMMANDS: readonly string[] = ['status', 'dead', 'replay', 'export'];

/** Whether {@link runQueueCommand} knows it. */
export function isQueueCommand(command: string): boolean {
  return QUEUE_COMMANDS.includes(command);
}

/** The options of the commands, as `parseArgs` of `node:util` takes them. */
export const QUEUE_COMMAND_OPTIONS = {
  name: { type: 'string' },
  reason: { type: 'string' },
  rate: { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const;

/** The options of the commands, as they were given. */
export interface QueueCommandOptions {
  /** Only dead letters of this event. @default of all events */
  readonly name?: string | undefined;
  /** Only dead letters with this text in their reason. @default with any */
  readonly reason?: string | undefined;
  /** How many are replayed a second, a number as text. @default as fast as delivery allows */
  readonly rate?: string | undefined;
  /** Only say how many would be replayed. @default false */
  readonly 'dry-run'?: boolean | undefined;
}

/**
 * What a command that looks into a queue prints, line by line.
 *
 * @throws {Error} for a command or an option that there is not
 */
export async function runQueueCommand(
  queue: EventQueue,
  command: string,
  options: QueueCommandOptions,
): Promise<string[]> {
  const { name, reason } = options;
  const filter = ({ record, reason: why }: DeadLetter): boolean =>
    (name === undefined || record.name === name) && (reason === undefined || why.includes(reason));
  switch (command) {
    case 'status':
      return await status(queue);
    case 'dead':
      return (await queue.deadLetters.list()).filter(filter).map(describe);
    case 'export':
      return (await queue.deadLetters.list()).filter(filter).map((letter) => JSON.stringify(letter));
    case 'replay':
      return await replay(queue, filter, options);
    default:
      throw new Error(`There is no command "${command}".`);
  }
}

async function status(queue: EventQueue): Promise<string[]> {
  const { waiting, taken, deadLetters } = await queue.counts();
  return [`waiting       ${waiting}`, `  of them taken ${taken}`, `dead letters  ${deadLetters}`];
}

async function replay(
  queue: EventQueue,
  filter: (letter: DeadLetter) => boolean,
  options: QueueCommandOptions,
): Promise<string[]> {
  const ratePerSecond = options.rate === undefined ? undefined : Number(options.rate);
  if (ratePerSecond !== undefined && !(ratePerSecond > 0)) throw new Error('--rate must be a number above 0');
  const dryRun = options['dry-run'] ?? false;
  const { replayed } = await queue.deadLetters.replay({ filter, dryRun, ratePerSecond });
  return [`${replayed} ${dryRun ? 'would be replayed' : 'replayed'}`];
}

function describe({ record, reason, at }: DeadLetter): string {
  const attempts = `${record.attempts + 1} attempts`;
  return oneLine([timeOf(at), record.name, record.id, attempts, reason].join('  '));
}

/** Also of what is no time: a file may be damaged. */
function timeOf(at: number): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? 'unknown' : time.toISOString();
}
