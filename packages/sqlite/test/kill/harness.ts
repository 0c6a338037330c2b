import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { sqliteQueue } from '../../src/index.ts';
import { deferred } from './deferred.ts';
import { LocalVero, type Mode } from './local-vero.ts';
import type { Message } from './shop.ts';

const CLIENTS = 24;
/** Attempts that a client makes at once: no more can be in flight at a kill. */
export const CONCURRENCY = 16;
const SPILLED = /^The queue failed: The file takes no events, so they wait beside it: database is locked$/;
/** Longer than any answer takes. */
const PATIENCE_MS = 10_000;
/** However slow the machine is. */
const DRAIN_MS = 120_000;

/** What became of the events of a whole test. */
export interface Books {
  readonly kills: number;
  /** Events whose request was answered. */
  readonly accepted: number;
  /** Of these, how many arrived. */
  readonly delivered: number;
  readonly lost: number;
  /** Arrived without an answer: the process was killed in between. */
  readonly unanswered: number;
  /** Arrived without ever having been asked for. */
  readonly invented: number;
  /** Arrivals of an event that had arrived before. */
  readonly duplicated: number;
  /** The most arrivals of one run of the process that came again. */
  readonly mostOfOneRun: number;
  /** Arrivals that came twice from one run of the process: those no kill explains. */
  readonly unexplained: number;
  readonly spills: number;
  readonly problems: readonly string[];
}

export interface Ending {
  /** What `close` said. */
  readonly result: Readonly<Record<string, number>> | undefined;
  readonly code: number | null;
}

export interface ShopOptions {
  readonly workers?: number;
  readonly closeMs?: number;
}

/** A shop on a queue on disk, under load, with the Vero that its events go to. */
export class Harness {
  readonly vero: LocalVero;
  readonly problems: string[] = [];
  /** Process ids of the shop's processes that listen. */
  readonly pids = new Set<number>();
  kills = 0;
  /** How often the file was found locked for longer than `track` waits. */
  spills = 0;
  readonly #folder = mkdtempSync(join(tmpdir(), 'verotrack-kill-'));
  readonly #asked = new Set<number>();
  readonly #answered = new Set<number>();
  /** Answered, and not arrived. */
  readonly #awaited = new Set<number>();
  readonly #options: ShopOptions;
  readonly #random: () => number;
  readonly #load = new AbortController();
  readonly #clients: Promise<void>[] = [];
  #agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  #next = 0;
  #runs = 0;
  /** The one that clients ask. */
  #child: ChildProcess | undefined;
  readonly #children = new Set<ChildProcess>();
  #port: number | undefined;
  #changed = deferred();

  constructor(options: ShopOptions = {}, random: () => number = Math.random) {
    this.#options = options;
    this.#random = random;
    this.vero = new LocalVero(random, (n) => this.#awaited.delete(n));
  }

  static async open(options?: ShopOptions, random?: () => number): Promise<Harness> {
    const harness = new Harness(options, random);
    await harness.vero.start();
    for (let i = 0; i < CLIENTS; i++) harness.#clients.push(harness.#client());
    return harness;
  }

  get queuePath(): string {
    return join(this.#folder, 'vero.db');
  }

  get answered(): number {
    return this.#answered.size;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** Starts the shop; resolves when it listens, or has ended before. */
  async start(): Promise<void> {
    const { workers = 0, closeMs = 10_000 } = this.#options;
    const child = fork(join(import.meta.dirname, 'shop.ts'), {
      env: {
        ...process.env,
        QUEUE_PATH: this.queuePath,
        VERO_URL: this.vero.url,
        RUN: String(++this.#runs),
        WORKERS: String(workers),
        CLOSE_MS: String(closeMs),
      },
      execArgv: [],
    });
    this.#child = child;
    this.#children.add(child);
    this.pids.clear();
    child.once('exit', () => {
      this.#children.delete(child);
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#port = undefined;
      this.pids.clear();
      this.#tell();
    });
    child.on('message', (message: Message) => {
      if (message.kind === 'problem') {
        // Of several processes one may find the file locked for too long. What counts is that nothing is lost by it.
        if (SPILLED.test(message.message)) {
          this.spills++;
          this.#tell();
        } else this.problems.push(message.message);
      }
      if (message.kind !== 'listening' || this.#child !== child) return;
      this.pids.add(message.pid);
      this.#port = message.port;
      this.#tell();
    });
    await this.until(() => this.pids.size >= Math.max(1, workers) || this.#child !== child);
  }

  /** Ends the shop as the kernel does when memory is short. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.kills++;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Ends one process of several. */
  killOne(): void {
    const [pid] = this.pids;
    if (pid === undefined) throw new Error('no process is running');
    this.kills++;
    this.pids.delete(pid);
    process.kill(pid, 'SIGKILL');
  }

  /** Ends the shop as a process manager does. */
  async terminate(): Promise<Ending> {
    if (!this.#child) throw new Error('the shop is not running');
    return await this.#terminate(this.#child);
  }

  /** Starts a new shop on the same file, and ends the old one when clients ask the new one. */
  async rollOut(): Promise<Ending> {
    const old = this.#child;
    if (!old) throw new Error('the shop is not running');
    await this.start();
    return await this.#terminate(old);
  }

  async #terminate(child: ChildProcess): Promise<Ending> {
    let result: Readonly<Record<string, number>> | undefined;
    child.on('message', (message: Message) => {
      if (message.kind === 'closed') result = message.result;
    });
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = (await ended) as [number | null];
    return { result, code };
  }

  /** Resolves when this is so; asked when the shop changes or answers. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await this.#changed.promise;
  }

  /** Lets the load go on for a random time. */
  async letRun(atMostMs: number): Promise<void> {
    await wait(this.#random() * atMostMs);
  }

  /** Runs the shop with `mode`, and kills it, again and again, at random moments from its first on. */
  async killRepeatedly(times: number, mode: Mode, withinMs = 500): Promise<void> {
    await this.vero.become(mode);
    for (let i = 0; i < times; i++) {
      // Now and then while it starts, when it reads what the last one left.
      if (this.#random() < 0.1) void this.start();
      else {
        const { answered } = this;
        await this.start();
        // On a busy machine, too, each has something to lose.
        await this.until(() => this.answered > answered + 2);
      }
      await this.letRun(withinMs);
      await this.kill();
    }
  }

  /** Has the file locked again and again while `work` goes on, for longer than `track` waits. */
  async whileLocked(work: () => Promise<void>): Promise<void> {
    const other = new DatabaseSync(this.queuePath);
    const over = new AbortController();
    const locking = this.#lockRepeatedly(other, over.signal);
    try {
      await work();
    } finally {
      over.abort();
      await locking;
      other.close();
    }
  }

  async #lockRepeatedly(other: DatabaseSync, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        other.exec('BEGIN IMMEDIATE');
        await wait(30 + this.#random() * 60);
        other.exec('ROLLBACK');
        await wait(this.#random() * 60);
      } catch {
        // The shop writes just now.
        await wait(1);
      }
    }
  }

  /** Ends the load, lets the shop deliver what it has, and closes it. */
  async drain(): Promise<void> {
    this.#load.abort();
    this.#tell();
    await Promise.all(this.#clients);
    await this.vero.become('up');
    if (!this.isRunning) await this.start();
    const everything = this.vero.until(() => this.#awaited.size === 0);
    await Promise.race([everything, wait(DRAIN_MS, undefined, { ref: false })]);
    await this.terminate();
  }

  books(): Books {
    const { received, deliveries } = this.vero;
    const lost = this.#awaited.size;
    const unknown = [...received.keys()].filter((n) => !this.#asked.has(n)).length;
    const runs = new Map<number, string[]>();
    for (const { n, run } of deliveries) runs.set(n, [...(runs.get(n) ?? []), run]);
    const again = new Map<string, number>();
    let unexplained = 0;
    for (const each of runs.values()) {
      if (new Set(each).size < each.length) unexplained++;
      // Whoever delivered it last has forgotten it; the others were killed before they could.
      for (const run of each.slice(0, -1)) again.set(run, (again.get(run) ?? 0) + 1);
    }
    return {
      kills: this.kills,
      accepted: this.#answered.size,
      delivered: this.#answered.size - lost,
      lost,
      unanswered: [...received.keys()].filter((n) => this.#asked.has(n) && !this.#answered.has(n)).length,
      invented: unknown,
      duplicated: deliveries.length - received.size,
      mostOfOneRun: Math.max(0, ...again.values()),
      unexplained,
      spills: this.spills,
      problems: this.problems,
    };
  }

  /** What the file still holds, when nobody uses it. */
  async left(): Promise<{ waiting: number; deadLetters: number }> {
    const queue = sqliteQueue({ path: this.queuePath });
    try {
      const { waiting, deadLetters } = queue.counts();
      return { waiting, deadLetters };
    } finally {
      await queue.close();
    }
  }

  async close(): Promise<void> {
    this.#load.abort();
    for (const child of this.#children) {
      const ended = once(child, 'exit');
      // Workers end when whoever started them has.
      child.kill('SIGKILL');
      await ended;
    }
    this.#tell();
    await Promise.all(this.#clients);
    this.#agent.destroy();
    await this.vero.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #tell(): void {
    const { resolve } = this.#changed;
    this.#changed = deferred();
    resolve();
  }

  /** One client of the shop, who asks for one thing after the other as long as there is somebody to ask. */
  async #client(): Promise<void> {
    const { signal } = this.#load;
    while (!signal.aborted) {
      const port = this.#port;
      if (port === undefined) {
        await this.#changed.promise;
        continue;
      }
      const n = this.#next++;
      try {
        await this.#order(port, n);
      } catch {
        // Killed, or on its way down: nobody was told that there is an order.
        await Promise.race([this.#changed.promise, wait(5)]);
      }
    }
  }

  async #order(port: number, n: number): Promise<void> {
    const sending = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: `/orders/${n}`,
      headers: { 'x-user': String(n % 100) },
      agent: this.#agent,
    });
    // A connection that a killed worker was to take over is held open by the cluster, and never answered.
    sending.setTimeout(PATIENCE_MS, () => sending.destroy());
    this.#asked.add(n);
    sending.end();
    const [response] = await once(sending, 'response');
    let text = '';
    for await (const chunk of response) text += String(chunk);
    if (response.statusCode !== 200 || (JSON.parse(text) as { n: number }).n !== n) {
      throw new Error(`the shop answered ${response.statusCode}`);
    }
    this.#answered.add(n);
    if (!this.vero.received.has(n)) this.#awaited.add(n);
    this.#tell();
  }
}
