import type { Identity } from '@verotrack/core';
import { pickIdentity } from '@verotrack/core';
import type { AdapterOptions, Declared, Facts, HttpMessage, Input, Scenario, User } from '../scenario.ts';

/** A declaration's options in the terms of one framework, whose callbacks get `C`. */
export function declarationOptions<C>(
  { name: _name, data, identify, when, success, ...others }: Declared,
  factsOf: (context: C) => Facts,
) {
  return {
    ...others,
    ...(identify ? { identify: (context: C) => identify(factsOf(context)) } : {}),
    ...(when ? { when: (context: C) => when(factsOf(context)) } : {}),
    ...(success ? { success: (context: C) => success(factsOf(context)) } : {}),
    ...(typeof data === 'function' ? { data: (context: C) => data(factsOf(context)) } : data ? { data } : {}),
  };
}

export function adapterOptions<C>(
  { identify = pickUser, attributes }: AdapterOptions = {},
  userOf: (context: C) => User | undefined,
) {
  return {
    identify: (context: C): Identity | null | undefined => identify(userOf(context)),
    ...(attributes ? { attributes } : {}),
  };
}

function pickUser(user: User | undefined): Identity | undefined {
  return pickIdentity(user, ['id', 'email']);
}

/** The declared events of a scenario as what a framework applies to the route. */
export function applied<T>({ declared = [], appliedTwice }: Scenario, make: (declared: Declared) => T): T[] {
  const made = declared.map(make);
  return appliedTwice ? [...made, ...made] : made;
}

export function httpRequest({ method = 'POST' }: Scenario, input: Input): HttpMessage {
  const hasBody = method === 'POST' || method === 'PUT';
  return {
    method,
    path: '/route',
    headers: hasBody ? { 'content-type': 'application/json' } : {},
    body: hasBody ? JSON.stringify(input) : undefined,
  };
}

export const isBodiless = (status: number): boolean => status === 204 || status === 304;

/** Runs a handler and changes what it throws, at once or later. */
export function withErrors(handle: () => unknown, change: (thrown: unknown) => unknown): unknown {
  const rethrow = (thrown: unknown): never => {
    throw change(thrown);
  };
  try {
    const result = handle();
    return result instanceof Promise ? result.catch(rethrow) : result;
  } catch (thrown) {
    return rethrow(thrown);
  }
}
