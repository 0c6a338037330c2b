import { fork } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

export interface Counted {
  readonly requests: number;
  /** Of a request that holds a batch, all of them. */
  readonly events: number;
}

/** How long the last events may be on their way after whoever sent them thinks that they arrived. */
const GRACE_MS = 10_000;

/** The stand-in for Vero, as seen by whoever knows its address. */
export class VeroStandIn {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** How long it waits with its answer, in milliseconds. */
  async answerAfter(latencyMs: number): Promise<void> {
    await this.#tell(`latency/${latencyMs}`);
  }

  /** Takes what comes, and answers nothing until it is told to. */
  async hold(): Promise<void> {
    await this.#tell('hold');
  }

  async release(): Promise<void> {
    await this.#tell('release');
  }

  async reset(): Promise<void> {
    await this.#tell('reset');
  }

  counted(): Promise<Counted> {
    return this.#tell('counted');
  }

  /** Throws when other than so many events came since the last reset: what loses or doubles events is not fast. */
  async expect(events: number, whose: string): Promise<void> {
    const until = Date.now() + GRACE_MS;
    let came = (await this.counted()).events;
    while (came < events && Date.now() < until) {
      await wait(20);
      came = (await this.counted()).events;
    }
    if (came !== events) throw new Error(`${whose}: ${came} of ${events} events arrived`);
  }

  #tell(what: string): Promise<Counted> {
    return new Promise((resolve, reject) => {
      const request = get(`${this.url}/-/${what}`, { agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.once('end', () => resolve(JSON.parse(text) as Counted));
      });
      request.once('error', reject);
    });
  }
}

export interface RunningVero extends VeroStandIn {
  stop(): Promise<void>;
}

/** Starts it in a process of its own. */
export async function startVero(): Promise<RunningVero> {
  const server = fork(new URL('./server.ts', import.meta.url), { execArgv: ['--no-warnings'] });
  const ended = once(server, 'exit');
  const [port] = (await Promise.race([
    once(server, 'message'),
    ended.then(() => Promise.reject(new Error('The stand-in for Vero did not start'))),
  ])) as [number];
  return Object.assign(new VeroStandIn(`http://127.0.0.1:${port}`), {
    stop: async () => {
      if (server.connected) server.disconnect();
      await ended;
    },
  });
}
