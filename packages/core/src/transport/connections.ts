import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

type Connector = buildConnector.connector;

/**
 * The connections of a pool, and how many attempts wait for one. undici itself doesn't end a connection that is being
 * made, neither when it is destroyed nor when nobody needs it any more, and that would hold the process open.
 */
export class Connections {
  readonly #sockets = new Set<Socket>();
  readonly #unfinished = new Set<Socket>();
  #waiting = 0;

  /** A connector whose connections are known here. */
  watch(connect: Connector): Connector {
    return (options, callback) => {
      const finished: Parameters<Connector>[1] = (...result) => {
        this.#unfinished.delete(socket);
        callback(...result);
      };
      // It does return its socket, which undici ends it by, though its type doesn't say so.
      const socket = (connect as (...given: Parameters<Connector>) => unknown)(options, finished) as Socket;
      this.#sockets.add(socket);
      this.#unfinished.add(socket);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        this.#unfinished.delete(socket);
      });
      return socket;
    };
  }

  /** An attempt waits for a connection. */
  awaited(): void {
    this.#waiting += 1;
  }

  /** It has one. */
  found(): void {
    this.#waiting -= 1;
  }

  /** It waits no longer. */
  givenUp(): void {
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#endUnfinished();
  }

  /** Ends those that are being made. Resolves when they, and those that undici has ended, are gone. */
  async gone(): Promise<void> {
    this.#endUnfinished();
    const ending = [...this.#sockets].filter(({ destroyed }) => destroyed);
    await Promise.all(ending.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }

  #endUnfinished(): void {
    for (const socket of this.#unfinished) socket.destroy(new Error('nobody waits for this connection'));
  }
}
