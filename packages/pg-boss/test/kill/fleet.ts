import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Batch, Command, Message, Stats } from './messages.ts';

export type Role = 'worker' | 'producer';

interface Member {
  readonly name: string;
  readonly role: Role;
  readonly process: ChildProcess;
  isReady: boolean;
  /** What a producer is busy with. */
  batch: Batch | undefined;
  stats: Stats | undefined;
}

export interface FleetOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly random: () => number;
  /** What a producer is to do next; nothing when it shall wait. */
  readonly nextBatch: () => Batch | undefined;
  readonly onAccepted: (orders: readonly number[], batch: Batch) => void;
}

/** However slow the machine is. */
const CLOSE_MS = 30_000;

/** Producers and workers, each a process of its own. Whoever is killed is replaced. */
export class Fleet {
  /** When each worker was killed, by the clock of this process, in milliseconds. */
  readonly killedAt = new Map<string, number>();
  readonly problems: string[] = [];
  readonly kills: Record<Role, number> = { worker: 0, producer: 0 };
  readonly #options: FleetOptions;
  readonly #members = new Set<Member>();
  #started = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  start(role: Role): void {
    const name = `${role}-${++this.#started}`;
    const child = fork(join(import.meta.dirname, `${role}.ts`), {
      env: { ...process.env, ...this.#options.env, NAME: name },
      execArgv: [],
    });
    const member: Member = { name, role, process: child, isReady: false, batch: undefined, stats: undefined };
    this.#members.add(member);
    child.on('message', (message: Message) => this.#heard(member, message));
    child.once('exit', (code, signal) => {
      this.#members.delete(member);
      if (signal !== 'SIGKILL' && !member.stats) this.problems.push(`a ${role} ended with code ${code}`);
    });
  }

  /** Ends one of them as the kernel does when memory is short, and starts another. Also one that only starts. */
  killOne(role: Role): void {
    const members = [...this.#members].filter((each) => each.role === role && !each.process.killed);
    const member = members[Math.floor(this.#options.random() * members.length)];
    if (!member) return;
    this.kills[role]++;
    this.killedAt.set(member.name, performance.now());
    member.process.kill('SIGKILL');
    this.start(role);
  }

  /** Gives work to producers that wait for it. */
  produce(): void {
    for (const member of this.#members) {
      if (member.role !== 'producer' || !member.isReady || member.batch || member.process.killed) continue;
      member.batch = this.#options.nextBatch();
      if (member.batch) this.#command(member, { kind: 'produce', batch: member.batch });
    }
  }

  /** Closes all of them, and returns the accounting of each. */
  async close(): Promise<Stats[]> {
    const members = [...this.#members];
    await Promise.all(
      members.map(async (member) => {
        const ended = once(member.process, 'exit');
        this.#command(member, { kind: 'close' });
        await Promise.race([ended, wait(CLOSE_MS, undefined, { ref: false })]);
      }),
    );
    return members.flatMap(({ stats }) => stats ?? []);
  }

  /** Ends whoever is left. */
  async abandon(): Promise<void> {
    await Promise.all(
      [...this.#members].map(async ({ process }) => {
        const ended = once(process, 'exit');
        process.kill('SIGKILL');
        await ended;
      }),
    );
  }

  #heard(member: Member, message: Message): void {
    if (message.kind === 'problem') this.problems.push(message.message);
    if (message.kind === 'closed') member.stats = message.stats;
    if (message.kind === 'ready') member.isReady = true;
    if (message.kind === 'accepted' && member.batch) {
      const { batch } = member;
      member.batch = undefined;
      this.#options.onAccepted(message.orders, batch);
    }
    this.produce();
  }

  #command({ process }: Member, command: Command): void {
    // Whoever ends just now hears nothing any more, and that is told by its end.
    process.send(command, () => {});
  }
}
