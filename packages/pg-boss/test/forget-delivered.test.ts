import { createVero } from '@verotrack/core';
import { startInspector } from '@verotrack/inspector';
import pg from 'pg';
import { expect, it } from 'vitest';
import { createVeroWorker, pgBossQueue } from '../src/index.ts';
import { aSchema, postgresUrl } from './servers.ts';

const authToken = 'tok_secret_forget';

it('What was delivered is forgotten after ten minutes, and what waits or was delivered just now is not', async () => {
  const schema = aSchema();
  const inspector = await startInspector({ port: 0 });
  const queue = pgBossQueue({ connectionString: postgresUrl(), schema, takeOverAfterSeconds: 20 });
  const vero = createVero({ authToken, baseUrl: inspector.url, queue });
  const database = new pg.Client({ connectionString: postgresUrl() });
  await database.connect();
  const states = async (): Promise<unknown> => {
    const { rows } = await database.query(
      `SELECT data->>'name' AS event, state FROM ${schema}.job WHERE name = 'verotrack.default' ORDER BY event`,
    );
    return rows;
  };
  for (const name of ['delivered_long_ago', 'delivered_now']) vero.track(name, { identity: { id: '42' } });
  const worker = createVeroWorker({ queue, authToken, baseUrl: inspector.url });
  await inspector.waitForEvents(2);
  await expect.poll(() => worker.stats()).toMatchObject({ delivered: 2 });
  inspector.fail({ status: 500 });
  vero.track('waits', { identity: { id: '42' } });
  await vero.flush();
  await database.query(
    `UPDATE ${schema}.job SET created_on = created_on - interval '11 minutes', completed_on = completed_on - interval '11 minutes'
     WHERE data->>'name' IN ('delivered_long_ago', 'waits')`,
  );
  await expect
    .poll(states)
    .toMatchObject([{ event: 'delivered_now', state: 'completed' }, { event: 'waits' }]);
  await worker.close();
  await vero.close();
  await database.end();
  await inspector.close();
});
