import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clientSettings } from '../../packages/core/src/client-options.ts';
import { settle } from '../../packages/inspector/src/options.ts';
import { queueSettings } from '../../packages/pg-boss/src/options.ts';

const read = (file: string): string => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
const UNITS: Readonly<Record<string, number>> = { MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** The value that a `@default` says; `undefined` where it says it in words. */
function literalOf(text: string): unknown {
  const [, number, unit] = /^([\d_]+|Infinity)(?: (MiB|GiB))?(?=$|;| \()/.exec(text) ?? [];
  if (number) return Number(number.replaceAll('_', '')) * (UNITS[unit ?? ''] ?? 1);
  const [, string, boolean] = /^(?:'([^']*)'|(true|false))(?=$|,)/.exec(text) ?? [];
  return boolean ? boolean === 'true' : string;
}

/** The values that an interface's `@default` tags say, by option. */
function documented(file: string, name: string, valueIn: (tag: string) => unknown = literalOf): object {
  const [, body = ''] = read(file).split(`export interface ${name}`);
  const members = (body.split('\n}\n')[0] ?? '').matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2}readonly (\w+)\?/g,
  );
  const entries = [...members].map(([, comment = '', option = '']) => {
    const [, tag = ''] = /@default (.+?)\s*$/m.exec(comment) ?? [];
    return [option, valueIn(tag)] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

const settings = (preset: 'server' | 'serverless') => clientSettings({ preset, authToken: 'any' }, {});
const serverless = (tag: string): unknown => {
  const [, value] = /; (\S+) with the preset `serverless`/.exec(tag) ?? [];
  return value && literalOf(value);
};
const core = 'packages/core/src';

test.each([
  [4, 'VeroOptions', documented(`${core}/client-options.ts`, 'VeroOptions'), settings('server')],
  [
    2,
    'DeliveryOptions',
    documented(`${core}/client-options.ts`, 'DeliveryOptions'),
    settings('server').delivery,
  ],
  [
    4,
    'RetryOptions',
    documented(`${core}/delivery/retry.ts`, 'RetryOptions'),
    settings('server').delivery.retry,
  ],
  [
    1,
    'DeliveryOptions, serverless',
    documented(`${core}/client-options.ts`, 'DeliveryOptions', serverless),
    settings('serverless').delivery,
  ],
  [
    4,
    'RetryOptions, serverless',
    documented(`${core}/delivery/retry.ts`, 'RetryOptions', serverless),
    settings('serverless').delivery.retry,
  ],
  [
    9,
    'PgBossQueueOptions',
    documented('packages/pg-boss/src/options.ts', 'PgBossQueueOptions'),
    queueSettings('here', { connectionString: 'postgres://db/shop' }),
  ],
  [4, 'InspectorOptions', documented('packages/inspector/src/options.ts', 'InspectorOptions'), settle({})],
])('the %i or more defaults that the comments of %s say are those of the code', (least, _name, says, is) => {
  // Some options do not come out of the function that checks them.
  const kept = Object.entries(says).filter(([option]) => Object.hasOwn(is, option));
  expect(kept.length).toBeGreaterThanOrEqual(least);
  expect(is).toMatchObject(Object.fromEntries(kept));
});
