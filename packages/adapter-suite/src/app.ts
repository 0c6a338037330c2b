import type { Vero } from '@verotrack/core';
import type { Answer, Bench } from './bench.ts';
import type { Host, HttpMessage, RunningHost } from './scenario.ts';
import { withBench } from './suite.ts';

/** Opens an application of a test's own, with a local Vero, and has it closed and its books checked afterwards. */
export async function withApp(
  start: (vero: Vero) => Promise<RunningHost>,
  test: (bench: Bench) => Promise<void>,
): Promise<void> {
  const host: Host = {
    name: 'an application',
    kind: 'http',
    seesResponse: true,
    seesErrors: true,
    request: () => message('GET', '/'),
    resultOf: (body) => JSON.parse(body),
    start: (_scenario, [vero]) => start(vero as Vero),
  };
  await withBench(host, { name: host.name, handle: () => undefined, expected: { events: [] } }, test);
}

/** A request of a user, with JSON. */
export function message(method: string, path: string, as: string | null = '42', input?: object): HttpMessage {
  return {
    method,
    path,
    headers: {
      ...(as === null ? {} : { 'x-user': as }),
      ...(input ? { 'content-type': 'application/json' } : {}),
    },
    body: input && JSON.stringify(input),
  };
}

/** Sends requests one after the other. */
export async function sendAll(bench: Bench, ...messages: readonly HttpMessage[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const each of messages) answers.push(await bench.sendMessage(each));
  return answers;
}
