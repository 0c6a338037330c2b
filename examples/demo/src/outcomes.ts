import { EventEmitter, once } from 'node:events';
import type { AnyVero } from '@verotrack/core';
import type { Inspector, ReceivedEvent } from '@verotrack/inspector';
import type { OpenShop } from './shops.ts';

const LIMIT_MS = 5_000;

/** What comes of a shop's requests: what its client tells, and what the local Vero has received. */
export class Outcomes {
  readonly #shop: OpenShop;
  readonly #inspector: Inspector;
  readonly #news = new EventEmitter();
  #hasNews = false;
  #events = 0;
  #reasons: string[] = [];

  constructor(shop: OpenShop, inspector: Inspector) {
    this.#shop = shop;
    this.#inspector = inspector;
    const isNew = () => {
      this.#hasNews = true;
      this.#news.emit('news');
    };
    shop.vero.on('delivered', isNew);
    listenForReasons(shop.vero, (reason) => {
      this.#reasons.push(reason);
      isNew();
    });
  }

  /** All that came of the request that has just been answered, or left. */
  async next(): Promise<string> {
    if (!this.#hasNews) {
      // A shop learns only a little later that its visitor has left. If nothing comes at all, the row says nothing.
      await once(this.#news, 'news', { signal: AbortSignal.timeout(LIMIT_MS) }).catch(() => {});
    }
    await this.#shop.vero.flush({ timeout: LIMIT_MS });
    return this.rest();
  }

  /** All that came since. */
  rest(): string {
    const { framework } = this.#shop;
    const events = this.#inspector.events().filter(({ extras }) => extras?.source === framework);
    const outcome = [...events.slice(this.#events).map(describeEvent), ...this.#reasons];
    this.#events = events.length;
    this.#reasons = [];
    this.#hasNews = false;
    return outcome.join('; ');
  }
}

/** Why an event was not received, as the client tells it. */
export function listenForReasons(vero: AnyVero, tell: (reason: string) => void): void {
  vero.on('skipped', ({ name, reason }) => tell(`no ${name}: ${reason}`));
  vero.on('invalid', ({ name }) => tell(`no ${name}: invalid`));
  vero.on('rejected', ({ event }) => tell(`no ${event.name}: rejected`));
  vero.on('dropped', ({ event, reason }) => tell(`no ${event.name}: ${reason}`));
  vero.on('error', ({ error }) => tell(`error: ${error.code}`));
}

export function describeEvent({ name, identity, data }: ReceivedEvent): string {
  return `${name} by user ${identity.id}${data ? ` ${JSON.stringify(data)}` : ''}`;
}
