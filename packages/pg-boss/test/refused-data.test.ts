import { createVero } from '@verotrack/core';
import { type Inspector, startInspector } from '@verotrack/inspector';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createVeroWorker, pgBossQueue } from '../src/index.ts';
import { aSchema, postgresUrl } from './servers.ts';

const schema = aSchema();
const database = new pg.Client({ connectionString: postgresUrl() });
const vero = createVero({
  authToken: 'tok_secret_refused',
  queue: pgBossQueue({ connectionString: postgresUrl(), schema }),
  logger: () => undefined,
});
let inspector: Inspector;
const identity = { id: '42' };

beforeAll(async () => {
  await database.connect();
  inspector = await startInspector({ port: 0 });
});

afterAll(async () => {
  await vero.close();
  await database.end();
  await inspector.close();
});

it('An event that Postgres refuses is dropped alone, and the others are stored', async () => {
  vero.track('first', { identity });
  await vero.flush();
  await database.query(`
    CREATE FUNCTION ${schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.data->>'name' = 'bad' THEN RAISE EXCEPTION 'not such a one' USING ERRCODE = '22023'; END IF;
        RETURN NEW;
      END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON ${schema}.job_common FOR EACH ROW EXECUTE FUNCTION ${schema}.refuse()`);
  const dropped: unknown[] = [];
  vero.on('dropped', ({ event, reason }) => dropped.push([event.name, reason]));
  for (const name of ['a', 'bad', 'b']) vero.track(name, { identity });
  expect(await vero.flush()).toMatchObject({ handedOver: 2, dropped: 1, pending: 0 });
  expect(dropped).toEqual([['bad', 'queue-failed']]);
});

it('Names and ids that Postgres can not store are stored as near as it can, and what Vero gets is exact', async () => {
  const name = 'odd\u0000\ud83d name';
  vero.track(name, { identity, eventId: 'odd\u0000id' });
  expect(await vero.flush()).toMatchObject({ handedOver: 1, dropped: 0 });
  const { rows } = await database.query(
    `SELECT data FROM ${schema}.job WHERE data->>'name' LIKE 'odd%' AND name = 'verotrack.default'`,
  );
  expect(rows[0].data).toMatchObject({ v: 1, id: 'odd\ufffdid', name: 'odd\ufffd\ufffd name' });
  expect(JSON.parse(rows[0].data.body).event_name).toBe(name);
  const worker = createVeroWorker({
    authToken: 'tok_secret_refused',
    baseUrl: inspector.url,
    queue: pgBossQueue({ connectionString: postgresUrl(), schema }),
  });
  // The inspector shows half a character as what stands for it.
  await inspector.waitForEvent(name.toWellFormed());
  await worker.close();
});
