import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

type Connector = buildConnector.connector;

/** The connections of a pool. undici ends those that are being made with itself, but doesn't wait until they are gone. */
export class Connections {
  readonly #sockets = new Set<Socket>();

  /** A connector whose connections are known here. */
  watch(connect: Connector): Connector {
    return (...args) => {
      // It does return its socket, which undici ends it by, though its type doesn't say so.
      const socket = (connect as (...given: Parameters<Connector>) => unknown)(...args) as Socket;
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
