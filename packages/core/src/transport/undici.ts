import { checkOptions } from '../options.ts';
import type { Transport } from './contract.ts';
import { LazySender, SENDER_RULES, type SenderOptions, toTransportResponse } from './sender.ts';

/** The options of {@link undiciTransport}. */
export interface UndiciTransportOptions extends SenderOptions {}

/**
 * A transport for volume: undici alone, without hooks, over a pool of kept-alive connections. undici loads at the
 * first send.
 *
 * @throws {VeroError} `VERO_CONFIG` for a bad option
 */
export function undiciTransport(options: UndiciTransportOptions = {}): Transport {
  const sender = new LazySender(checkOptions('undiciTransport', options, SENDER_RULES));
  return {
    send: async (request) => toTransportResponse(await (await sender.get()).send(request)),
    close: () => sender.close(),
  };
}
