import type { Dispatcher } from 'undici';
import { anything, checkOptions, positiveInteger } from '../options.ts';
import type { Transport } from './contract.ts';
import { LazySender, toTransportResponse } from './sender.ts';

export interface UndiciTransportOptions {
  /** Sends through this undici dispatcher: a proxy, or an agent with certificates of its own. @default a kept-alive agent of our own */
  readonly dispatcher?: Dispatcher | undefined;
  /** Most connections that our own agent opens. @default as many as attempts are in flight */
  readonly connections?: number | undefined;
}

/**
 * A transport for volume: undici alone, without hooks, over a pool of kept-alive connections. undici loads at the
 * first send.
 *
 * @throws {VeroError} `VERO_CONFIG` for a bad option
 */
export function undiciTransport(options: UndiciTransportOptions = {}): Transport {
  checkOptions('undiciTransport', options, { dispatcher: anything, connections: positiveInteger });
  const sender = new LazySender(options);
  return {
    send: async (request) => toTransportResponse(await (await sender.get()).send(request)),
    close: () => sender.close(),
  };
}
