import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

type Connector = buildConnector.connector;

/** Connections that are being made. undici ends them with itself, but doesn't wait until they are gone. */
export class Connecting {
  readonly #sockets = new Set<Socket>();

  /** A connector that is known here. */
  watch(connect: Connector): Connector {
    return (options, callback) => {
      // It does return its socket, which undici ends it by, though its type doesn't say so.
      const socket = (connect as (...args: Parameters<Connector>) => unknown)(options, (...result) => {
        // Made, it is undici's; failed, it is still to be closed.
        if (result[0] === null) this.#sockets.delete(socket);
        callback(...result);
      }) as Socket;
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      return socket;
    };
  }

  /** Resolves when those that are being ended are gone. */
  async gone(): Promise<void> {
    const ending = [...this.#sockets].filter(({ destroyed }) => destroyed);
    await Promise.all(ending.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }
}
