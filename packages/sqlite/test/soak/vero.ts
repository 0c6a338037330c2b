// A Vero in a process of its own, so that it takes nothing from the shop that is measured.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What it counted. Every `n` is expected once. */
export interface Arrivals {
  readonly events: number;
  readonly duplicates: number;
  /** Of those that were asked for, how many never came. */
  readonly missing: number;
  readonly failures: number;
}

export type VeroMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | ({ readonly kind: 'arrivals' } & Arrivals);

let seen = new Uint8Array(1 << 20);
let [events, duplicates, failures, requests] = [0, 0, 0, 0];
const tell = (message: VeroMessage): void => void process.send?.(message);

const server = createServer(async (req, res) => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  // Delivery has something to mend all the time.
  requests++;
  if (requests % 200 === 0) {
    failures++;
    if (requests % 1_000 === 0) req.socket.destroy();
    else res.writeHead(503).end();
    return;
  }
  note((JSON.parse(Buffer.concat(chunks).toString()) as { data: { n: number } }).data.n);
  res.writeHead(200, { 'content-type': 'application/json' }).end('{"status":200,"message":"Success."}');
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () =>
  tell({ kind: 'listening', port: (server.address() as AddressInfo).port }),
);

process.on('message', (message: { readonly answered: readonly number[]; readonly isLast?: boolean }) => {
  const missing = message.answered.filter((n) => !seen[n]).length;
  tell({ kind: 'arrivals', events, duplicates, missing, failures });
});
process.on('disconnect', () => process.exit());

function note(n: number): void {
  if (n >= seen.length) {
    const larger = new Uint8Array(Math.max(n + 1, 2 * seen.length));
    larger.set(seen);
    seen = larger;
  }
  events++;
  if (seen[n]) duplicates++;
  seen[n] = 1;
}
