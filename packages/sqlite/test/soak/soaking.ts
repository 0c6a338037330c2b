import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Deferred, deferred } from '../kill/deferred.ts';
import type { Sample, ShopMessage } from './shop.ts';
import type { Arrivals, VeroMessage } from './vero.ts';

export interface SoakOptions {
  readonly queue: 'memory' | 'sqlite';
  readonly minutes: number;
  readonly sampleEveryMs: number;
  /** Part of the samples, from the first on, that is not judged. @default 0.2 */
  readonly warmUp?: number;
  readonly onSample?: (sample: TimedSample) => void;
}

export interface TimedSample extends Sample {
  /** Since the start, in milliseconds. */
  readonly atMs: number;
  /** Events that arrived in a second, since the last sample. */
  readonly rate: number;
}

export interface Verdict {
  /** By how much the heap grew in a minute after warm-up, in bytes: the slope of the line nearest to all samples. */
  readonly heapPerMinute: number;
  /** The same for everything that the process holds. */
  readonly rssPerMinute: number;
  /** What that makes of the first heap after warm-up, over all the time after it. */
  readonly heapGrowth: number;
  readonly events: number;
  readonly rate: number;
  readonly missing: number;
  readonly duplicates: number;
}

export interface Soak {
  readonly samples: readonly TimedSample[];
  /** Those after warm-up. */
  readonly judged: readonly TimedSample[];
  readonly verdict: Verdict;
}

const CLIENTS = 32;
/** With more behind, the shop is asked for nothing until it has caught up: so the rate is what can be delivered. */
const MOST_PENDING = 500;
const BRIEF_MS = 25;

/** Keeps a shop under as much load as it can deliver, and looks at it now and then, with the load held back. */
export async function soak(options: SoakOptions): Promise<Soak> {
  const { queue, minutes, sampleEveryMs, warmUp = 0.2, onSample } = options;
  const folder = mkdtempSync(join(tmpdir(), 'verotrack-soak-'));
  const children: ChildProcess[] = [];
  const load = new Load();
  try {
    const vero = start(children, 'vero.ts');
    const { port: veroPort } = await answer<VeroMessage, 'listening'>(vero, 'listening');
    const shop = start(children, 'shop.ts', {
      QUEUE: queue,
      QUEUE_PATH: queue === 'sqlite' ? join(folder, 'vero.db') : '',
      VERO_URL: `http://127.0.0.1:${veroPort}`,
    });
    const { port } = await answer<ShopMessage, 'listening'>(shop, 'listening');
    load.start(port);
    const startedAt = Date.now();
    const samples: TimedSample[] = [];
    let arrivals: Arrivals = { events: 0, duplicates: 0, missing: 0, failures: 0 };
    let [missing, since, runMs] = [0, Date.now(), 0];
    while (Date.now() - startedAt < minutes * 60_000) {
      await wait(sampleEveryMs);
      const answered = await load.hold();
      const ran = Date.now() - since;
      runMs += ran;
      shop.send('sample');
      const sample = await answer<ShopMessage, 'sample'>(shop, 'sample');
      vero.send({ answered });
      const before = arrivals.events;
      arrivals = await answer<VeroMessage, 'arrivals'>(vero, 'arrivals');
      missing += arrivals.missing;
      const timed = {
        ...sample,
        atMs: Date.now() - startedAt,
        rate: ((arrivals.events - before) / ran) * 1_000,
      };
      samples.push(timed);
      onSample?.(timed);
      since = Date.now();
      load.goOn();
    }
    await load.hold();
    load.end();
    shop.kill('SIGTERM');
    await once(shop, 'exit');
    const judged = samples.slice(Math.floor(samples.length * warmUp));
    const { events, duplicates } = arrivals;
    const rate = (events / runMs) * 1_000;
    return { samples, judged, verdict: { ...growthOf(judged), events, rate, missing, duplicates } };
  } finally {
    load.end();
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

function growthOf(
  samples: readonly TimedSample[],
): Pick<Verdict, 'heapPerMinute' | 'rssPerMinute' | 'heapGrowth'> {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) throw new Error('there are no samples after warm-up');
  const heapPerMinute = slopeOf(samples.map(({ atMs, heapUsed }) => [atMs, heapUsed])) * 60_000;
  const rssPerMinute = slopeOf(samples.map(({ atMs, rss }) => [atMs, rss])) * 60_000;
  const afterMinutes = (last.atMs - first.atMs) / 60_000;
  return { heapPerMinute, rssPerMinute, heapGrowth: (heapPerMinute * afterMinutes) / first.heapUsed };
}

/** Of the line with the least squares. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (of: readonly number[]): number => of.reduce((sum, each) => sum + each, 0) / of.length;
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))];
  const square = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  return square === 0 ? 0 : points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) / square;
}

function start(children: ChildProcess[], file: string, env: Record<string, string> = {}): ChildProcess {
  const child = fork(join(import.meta.dirname, file), {
    env: { ...process.env, ...env },
    execArgv: ['--expose-gc'],
  });
  children.push(child);
  return child;
}

async function answer<Message extends { readonly kind: string }, Kind extends Message['kind']>(
  child: ChildProcess,
  kind: Kind,
): Promise<Extract<Message, { readonly kind: Kind }>> {
  return await new Promise((resolve, reject) => {
    const onMessage = (message: Message): void => {
      if (message.kind !== kind) return;
      end();
      resolve(message as Extract<Message, { readonly kind: Kind }>);
    };
    const onExit = (): void => {
      end();
      reject(new Error('a process of the soak has ended'));
    };
    const end = (): void => void child.off('message', onMessage).off('exit', onExit);
    child.on('message', onMessage).once('exit', onExit);
  });
}

/** Clients that ask for one thing after the other. */
class Load {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  #port = 0;
  #next = 0;
  #isOver = false;
  #underWay = 0;
  #answered: number[] = [];
  #going = deferred();
  #held: Deferred | undefined;

  start(port: number): void {
    this.#port = port;
    this.#going.resolve();
    for (let i = 0; i < CLIENTS; i++) void this.#client();
  }

  /** Resolves when nobody waits for an answer any more, with what was answered since the last time. */
  async hold(): Promise<number[]> {
    this.#going = deferred();
    this.#held = deferred();
    if (this.#underWay > 0) await this.#held.promise;
    this.#held = undefined;
    return this.#answered.splice(0);
  }

  goOn(): void {
    this.#going.resolve();
  }

  end(): void {
    this.#isOver = true;
    this.#going.resolve();
    this.#agent.destroy();
  }

  async #client(): Promise<void> {
    while (!this.#isOver) {
      await this.#going.promise;
      if (this.#isOver) return;
      this.#underWay++;
      let pending = 0;
      try {
        pending = await this.#ask(this.#next++);
      } catch {
        // One of those that leave without waiting for an answer.
      } finally {
        if (--this.#underWay === 0) this.#held?.resolve();
      }
      if (pending > MOST_PENDING) await wait(BRIEF_MS);
    }
  }

  async #ask(n: number): Promise<number> {
    const path = `/${n % 2 ? 'carts' : 'orders'}/${n}`;
    const headers = { 'x-user': String(n % 1_000) };
    const sending = request({
      port: this.#port,
      host: '127.0.0.1',
      method: 'POST',
      path,
      headers,
      agent: this.#agent,
    });
    sending.end();
    if (n % 500 === 0) sending.once('socket', () => setImmediate(() => sending.destroy()));
    const [response] = await once(sending, 'response');
    let text = '';
    for await (const chunk of response) text += String(chunk);
    this.#answered.push(n);
    return (JSON.parse(text) as { pending: number }).pending;
  }
}
