import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import {
  createVero,
  kyTransport,
  undiciTransport,
  type VeroEvents,
} from '../../../packages/core/src/index.ts';
import { type Mutation, mutate, mutations } from '../mutations.ts';
import { type FuzzTarget, must } from '../target.ts';

const TOKEN = 'tok_secret_of_the_fuzzing';
const BOMB = gzipSync(Buffer.alloc(16 * 1024 * 1024));

interface HostileAnswer {
  readonly bytes: Buffer;
  /** What follows on what was written. */
  readonly end: 'keep' | 'end' | 'reset' | 'endless';
}

const header = fc.oneof(
  fc.constantFrom(
    'Retry-After: 0',
    'Retry-After: -1',
    'Retry-After: 99999999999999999999999999',
    'Retry-After: 0.0000001',
    'Retry-After: Fri, 31 Dec 9999 23:59:59 GMT',
    'Retry-After: Thu, 01 Jan 1970 00:00:00 GMT',
    'Retry-After: soon',
    'Retry-After: 1\r\nRetry-After: 0',
    'Location: http://127.0.0.1:9/',
    'Content-Encoding: gzip',
    'Content-Encoding: br, gzip, nothing',
    'Transfer-Encoding: chunked',
    'Connection: close',
    'Keep-Alive: timeout=-1',
    'X-Long: '.padEnd(20_000, 'x'),
    'Set-Cookie: a=b',
  ),
  fc.tuple(fc.string(), fc.string({ unit: 'binary' })).map(([name, value]) => `${name}: ${value}`),
);
const status = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(200, 204, 301, 400, 401, 403, 404, 408, 409, 422, 425, 429, 500, 503),
  },
  fc.integer({ min: 100, max: 999 }),
);
const body = fc.oneof(
  fc.constantFrom(
    Buffer.from('{"status":200}'),
    Buffer.from(TOKEN),
    BOMB,
    Buffer.alloc(200_000, 'x'),
    Buffer.alloc(0),
  ),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const answer: fc.Arbitrary<HostileAnswer> = fc
  .record({
    status,
    headers: fc.array(header, { maxLength: 2 }),
    body,
    length: fc.oneof(
      { weight: 5, arbitrary: fc.constant(undefined) },
      fc.constantFrom('0', '1', '-1', '1e9', '99999999'),
    ),
    changes: mutations,
    end: fc.oneof(
      { weight: 6, arbitrary: fc.constant('keep' as const) },
      fc.constantFrom('end' as const, 'reset' as const, 'endless' as const),
    ),
  })
  .map(({ status: code, headers, body: bytes, length = String(bytes.length), changes, end }) => {
    const head = [`HTTP/1.1 ${code} Whatever`, `Content-Length: ${length}`, ...headers].join('\r\n');
    return { bytes: changed(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), bytes]), changes), end };
  });

// A bomb that is changed byte by byte is a waste of time.
const changed = (bytes: Buffer, changes: readonly Mutation[]): Buffer =>
  bytes.length > 5_000 ? bytes : mutate(bytes, changes);

export const answers: FuzzTarget = {
  name: 'answers',
  what: 'answers of a Vero that lies: any status, `Retry-After` and length, bodies without end, compressed bombs, resets at any byte',
  async open() {
    const vero = await LyingVero.start();
    const transports = { ky: kyTransport, undici: undiciTransport };
    const property = fc.asyncProperty(
      fc.array(answer, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(...(['ky', 'undici'] as const)),
      fc.integer({ min: 1, max: 4 }),
      async (script, transport, count) => {
        vero.script = [...script];
        const told: unknown[] = [];
        const client = createVero({
          authToken: TOKEN,
          baseUrl: vero.url,
          transport: transports[transport](),
          delivery: { timeoutMs: 100, retry: { baseMs: 1, maxMs: 3 } },
          logger: (message) => void told.push(message),
        });
        const names = ['retrying', 'rejected', 'dropped', 'paused', 'error'] satisfies (keyof VeroEvents)[];
        for (const name of names) client.on(name, (it) => void told.push(it));
        for (let index = 0; index < count; index++) client.track(`n${index}`, { identity: { id: '1' } });
        await client.flush({ timeout: 20_000 });
        const { accepted, delivered, rejected, dropped, pending } = client.stats();
        must(pending === 0, `${pending} of ${accepted} events never ended`);
        must(accepted === count && delivered + rejected + dropped === count, 'the books do not close');
        must(!inspect(told, { depth: 9, showHidden: true }).includes(TOKEN), 'the credential was told');
        await client.close();
      },
    );
    return { property, close: () => vero.close() };
  },
};

/** Answers each request with what comes next in its script, and with 200 when that is over. */
class LyingVero {
  script: HostileAnswer[] = [];
  readonly url: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket) => this.#serve(socket));
  }

  static async start(): Promise<LyingVero> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new LyingVero(server);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const [head = '', rest] = received.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (rest === undefined || rest.length < length) return;
      received = '';
      this.#answer(socket);
    });
  }

  #answer(socket: Socket): void {
    const { bytes, end } = this.script.shift() ?? {
      bytes: Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
      end: 'keep',
    };
    socket.write(bytes);
    if (end === 'end') socket.end();
    if (end === 'reset') socket.resetAndDestroy();
    if (end !== 'endless') return;
    const more = (): void => {
      while (!socket.destroyed && socket.write(Buffer.alloc(16_384, 'x'))) {
        // Until the client takes no more.
      }
    };
    socket.on('drain', more);
    more();
  }
}
