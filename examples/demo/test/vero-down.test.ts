import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Inspector, startInspector } from '@verotrack/inspector';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../src/http.ts';
import type { Framework } from '../src/shops.ts';
import { type Step, script, Visitor } from '../src/visitor.ts';

type Answers = Readonly<Record<string, readonly object[]>>;

let answersWithVero: Answers;

beforeAll(async () => {
  answersWithVero = await visitShops({
    harm: () => {},
    // So that what follows is compared with answers to requests that all had their events.
    check: (inspector) => inspector.waitForEvents(17),
  });
}, 60_000);

describe('the shops', () => {
  it.concurrent.each<[state: string, harm: (inspector: Inspector) => unknown, requests: boolean]>([
    ['is stopped', (inspector) => inspector.close(), false],
    ['refuses the token (401)', (inspector) => inspector.fail({ status: 401 }), true],
    ['hangs', (inspector) => inspector.fail('hang'), true],
    ['answers 500', (inspector) => inspector.fail({ status: 500 }), true],
  ])(
    'answer with the same status and the same bytes while Vero %s, and live on',
    async (_state, harm, isAsked) => {
      const check = (inspector: Inspector) => {
        expect(inspector.requests().length > 0).toBe(isAsked);
        expect(inspector.events()).toEqual([]);
      };

      expect(await visitShops({ harm, check })).toEqual(answersWithVero);
    },
    60_000,
  );
});

interface Visit {
  /** Comes before the visitor. */
  readonly harm: (inspector: Inspector) => unknown;
  /** Comes after. */
  readonly check: (inspector: Inspector) => unknown;
}

/** Sends the visitor through shops whose Vero has come to harm. */
async function visitShops({ harm, check }: Visit): Promise<Answers> {
  const inspector = await startInspector();
  const shops = fork(join(import.meta.dirname, 'shops-process.ts'), {
    execArgv: [],
    // In production, answers have no stack in them, whose frames depend on what else was under way.
    env: { ...process.env, NODE_ENV: 'production', VERO_BASE_URL: inspector.url },
    silent: true,
  });
  const exit = once(shops, 'exit');
  let output = '';
  for (const stream of [shops.stdout, shops.stderr]) stream?.on('data', (chunk) => (output += chunk));
  try {
    const [urls] = (await once(shops, 'message')) as [Record<Framework, string>];
    await harm(inspector);
    const frameworks = Object.entries(urls) as [Framework, string][];
    const visits = frameworks.map(async ([framework, url]) => [framework, await visitShop(framework, url)]);
    const answers: Answers = Object.fromEntries(await Promise.all(visits));
    await check(inspector);
    shops.kill('SIGKILL');
    // Nothing else had ended it before.
    expect(await exit).toEqual([null, 'SIGKILL']);
    expect(output.includes('tok_secret_')).toBe(false);
    return answers;
  } finally {
    shops.kill('SIGKILL');
    await inspector.close();
  }
}

async function visitShop(framework: Framework, url: string): Promise<object[]> {
  const visitor = new Visitor(url);
  const answers: object[] = [];
  for (const step of script[framework]) answers.push(withoutChance(await visitor.take(step), step));
  return answers;
}

/**
 * An answer without what is another each time: the date, sessions and tokens, the hash over a token, and what came
 * before a visitor who leaves had left.
 */
function withoutChance({ status, headers, body }: Answer, { leavesAt }: Step): object {
  const { date: _date, etag: _etag, 'set-cookie': cookies = [], ...sameHeaders } = headers;
  return {
    status,
    headers: sameHeaders,
    cookies: cookies.map((cookie) => cookie.replace(/=[^;]+/, '=')),
    body: leavesAt
      ? body.slice(0, body.indexOf(leavesAt) + leavesAt.length)
      : body.replace(/"token":"[^"]+"/, '"token":""'),
  };
}
