import { createVero } from '@verotrack/core';
import { expect, it } from 'vitest';
import { pgBossQueue } from '../src/index.ts';
import { aSchema, postgresUrl } from './servers.ts';

it('Events of a project that is called "dead" are no dead letters', async () => {
  const schema = aSchema();
  const queue = pgBossQueue({ connectionString: postgresUrl(), schema });
  const client = createVero({ authToken: 'tok_secret_dead', queue, project: 'dead' });
  client.track('alive', { identity: { id: '42' } });
  await client.flush();
  expect(await queue.counts()).toEqual({ waiting: 1, taken: 0, deadLetters: 0 });
  expect(await queue.deadLetters.list()).toEqual([]);
  const [record] = await queue.take(1, 80_000, 'dead');
  await queue.dead(record?.id ?? '', 'Vero answered 400');
  expect(await queue.counts()).toEqual({ waiting: 0, taken: 0, deadLetters: 1 });
  expect(await queue.deadLetters.list()).toMatchObject([{ record: { name: 'alive' } }]);
  await client.close();
});
