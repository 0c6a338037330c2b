/** Sends in a thread of its own what the host posts here, and posts back how that ended. See `thread.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import * as undici from 'undici';
import { errorCodes } from './delivery/classify.ts';
import { messageOf } from './errors.ts';
import type { Ends, FromThread, ThreadData, ToThread } from './thread-messages.ts';
import type { Answer } from './transport/exchange.ts';
import { Sender, toTransportResponse } from './transport/sender.ts';

type Ended = { readonly [Name in keyof Ends]: Ends[Name][number][] };

/** How long an answer waits for others: to wake the host for each of them would cost it far more. */
const GATHER_MS = 2;
/** With so many of them the host has something to go on with, while the others are under way. */
const ENOUGH = 0.5;

// Nothing is given where the file is only loaded, to see that it can be.
const sender = new Sender(undici, (workerData as ThreadData | null) ?? {});
let target: { url: string; headers: Readonly<Record<string, string>> } = { url: '', headers: {} };
let credential = '';
let underWay = 0;
let gathered = 0;
let enough = 0;
let ended: Ended = { delivered: [], refused: [], failed: [] };
let gathering: NodeJS.Timeout | undefined;
let telling: NodeJS.Immediate | undefined;

parentPort?.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'credential':
      credential = message.credential;
      break;
    case 'target':
      target = message;
      break;
    case 'send':
      send(message);
  }
});

function send({ first, bodies, timeoutMs }: Extract<ToThread, { kind: 'send' }>): void {
  underWay += bodies.length;
  enough = underWay * ENOUGH;
  bodies.forEach((body, index) => {
    const number = first + index;
    sender.send({ ...target, credential, body, timeoutMs }).then(
      (answer) => answered(number, answer),
      (thrown: unknown) => {
        ended.failed.push([number, messageOf(thrown), errorCodes(thrown)]);
        over();
      },
    );
  });
}

function answered(number: number, answer: Answer): void {
  const { status, retryAfterMs, message } = toTransportResponse(answer);
  if (status >= 200 && status < 300) ended.delivered.push(number, status);
  else ended.refused.push([number, status, retryAfterMs, message]);
  over();
}

function over(): void {
  underWay -= 1;
  gathered += 1;
  // Not before undici has its connection back, or the host's next event would open another one.
  if (gathered >= enough || underWay === 0) telling ??= setImmediate(tell);
  else gathering ??= setTimeout(tell, GATHER_MS);
}

function tell(): void {
  clearTimeout(gathering);
  clearImmediate(telling);
  gathering = undefined;
  telling = undefined;
  gathered = 0;
  toHost(ended);
  ended = { delivered: [], refused: [], failed: [] };
}

function toHost(message: FromThread): void {
  parentPort?.postMessage(message);
}

toHost('ready');
