import assert from 'node:assert/strict';
import { type Contestant, everyRound, pairedDifferences, spreadOf } from '../rounds.ts';
import type { BenchContext, Spread } from '../suite.ts';
import { Helper } from './helpers.ts';
import type { LoadQuestion } from './load.ts';
import type { ServerCpu, ServerQuestion } from './server.ts';
import { isPeer, type Load, type LoadResult, type PathFigures, type Setup, type VeroState } from './setup.ts';
import type { RunningHost } from './shop.ts';
import type { VeroQuestion } from './vero.ts';

const BUILT_PACKAGES = new URL('../built-packages.ts', import.meta.url).href;

export interface PathContestant {
  readonly name: string;
  readonly setup: Setup;
  /** Another Node. @default this one */
  readonly execPath?: string;
}

export interface Effort {
  /** Each with new processes of all servers. */
  readonly rounds: number;
  /** How often each server is measured in a round. */
  readonly blocks: number;
  readonly warmUp: number;
  /** Of each block. */
  readonly load: Load;
}

/** What the rounds gave for each contestant. */
export class PathResults {
  readonly #rounds: readonly ReadonlyMap<string, readonly PathFigures[]>[];

  constructor(rounds: readonly ReadonlyMap<string, readonly PathFigures[]>[]) {
    this.#rounds = rounds;
  }

  /** The medians of the rounds. */
  of(name: string, figure: keyof PathFigures): Spread {
    return spreadOf(
      this.#rounds.map(
        (round) => spreadOf(blocks(round, name).map((each) => each[figure] ?? Number.NaN)).median,
      ),
    );
  }

  /** By how much a contestant's blocks differ from those that `base` had at the same time: the medians of the rounds. */
  difference(name: string, base: string, figure: keyof PathFigures): Spread {
    return spreadOf(
      this.#rounds.map(
        (round) => spreadOf(pairedDifferences(blocks(round, name), blocks(round, base), figure)).median,
      ),
    );
  }
}

function blocks(round: ReadonlyMap<string, readonly PathFigures[]>, name: string): readonly PathFigures[] {
  const figures = round.get(name);
  assert(figures, name);
  return figures;
}

/**
 * Measures servers side by side. All of a round run at once, and get short blocks of load in turn: whatever the machine
 * does meanwhile falls on all of them, and each block has one of every other server right beside it.
 */
export async function measurePath(
  contestants: readonly PathContestant[],
  effort: Effort,
  context: BenchContext,
): Promise<PathResults> {
  const rounds: Map<string, readonly PathFigures[]>[] = [];
  for (let round = 0; round < effort.rounds; round++) {
    await using bench = new Bench();
    const servers = await Promise.all(contestants.map((contestant) => bench.start(contestant)));
    for (const server of servers) await server.warmUp(effort);
    const measuring = servers.map((server): Contestant<PathFigures> => {
      return { name: server.name, measure: () => server.measure(effort.load) };
    });
    const measured = await everyRound(measuring, { rounds: effort.blocks, log: () => {} });
    rounds.push(measured);
    for (const [name, figures] of measured) {
      const { cpu, p99 } = figures[0] ?? {};
      context.log(`round ${round + 1}: ${name}: ${cpu?.toFixed(1)} µs, p99 ${p99?.toFixed(2)} ms`);
    }
  }
  return new PathResults(rounds);
}

/** The processes of a round. */
class Bench implements AsyncDisposable {
  readonly #load = new Helper(new URL('./load.ts', import.meta.url));
  readonly #standIns = new Map<VeroState, Promise<StandIn>>();
  readonly #servers: Helper[] = [];

  async start({ name, setup, execPath }: PathContestant): Promise<Server> {
    const helper = new Helper(new URL('./server.ts', import.meta.url), {
      execArgv: ['--expose-gc', '--import', BUILT_PACKAGES],
      execPath,
    });
    this.#servers.push(helper);
    const isOverNetwork = isPeer(setup.tracking) || ['ky', 'undici', 'thread'].includes(setup.delivery ?? '');
    const standIn = isOverNetwork ? await this.#standIn(setup.vero ?? 'fast') : undefined;
    const question = { start: setup, url: standIn?.url ?? 'http://127.0.0.1:9' } satisfies ServerQuestion;
    const host = await helper.ask<RunningHost>(question);
    return new Server({ name, helper, host, setup, load: this.#load, standIn });
  }

  #standIn(state: VeroState): Promise<StandIn> {
    const standIn = this.#standIns.get(state) ?? StandIn.start(state);
    this.#standIns.set(state, standIn);
    return standIn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const helper of [this.#load, ...this.#servers]) helper.stop();
    for (const standIn of this.#standIns.values()) (await standIn).stop();
  }
}

class StandIn {
  readonly url: string;
  readonly #helper: Helper;

  static async start(state: VeroState): Promise<StandIn> {
    const helper = new Helper(new URL('./vero.ts', import.meta.url));
    const port = await helper.ask<number>({ start: state } satisfies VeroQuestion);
    return new StandIn(helper, `http://127.0.0.1:${port}`);
  }

  private constructor(helper: Helper, url: string) {
    this.#helper = helper;
    this.url = url;
  }

  events(): Promise<number> {
    return this.#helper.ask({ events: true } satisfies VeroQuestion);
  }

  stop(): void {
    this.#helper.stop();
  }
}

interface ServerParts {
  readonly name: string;
  readonly helper: Helper;
  readonly host: RunningHost;
  readonly setup: Setup;
  readonly load: Helper;
  readonly standIn: StandIn | undefined;
}

class Server {
  readonly #parts: ServerParts;

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  async warmUp({ warmUp, load }: Effort): Promise<void> {
    await this.measure({ requests: warmUp });
    // The process of the load has to be warm, too.
    if (load.rate !== undefined) await this.measure(load);
    await this.#ask({ collectGarbage: true });
  }

  async measure(load: Load): Promise<PathFigures> {
    const { host, setup, load: loading, standIn } = this.#parts;
    const { requests } = load;
    const eventsBefore = (await standIn?.events()) ?? 0;
    await this.#ask({ begin: true });
    const { seconds, p50, p99 } = await loading.ask<LoadResult>({
      url: `http://127.0.0.1:${host.port}${host.path}`,
      load,
    } satisfies LoadQuestion);
    const { answered, delivered } = await this.#ask<ServerCpu>({ end: true, requests });
    const events = ((await standIn?.events()) ?? 0) - eventsBefore;
    const isCounted = standIn && !isPeer(setup.tracking) && (setup.vero ?? 'fast') === 'fast';
    if (isCounted) assert.equal(events, requests, 'events that the stand-in got');
    return {
      throughput: requests / seconds,
      p50,
      p99,
      cpu: answered / requests,
      cpuDelivered: delivered / requests,
      events: events / requests,
    };
  }

  #ask<Answer>(question: ServerQuestion): Promise<Answer> {
    return this.#parts.helper.ask<Answer>(question);
  }
}
