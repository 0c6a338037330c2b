// #region server
import { createVero } from '@verotrack/core';
import { sqliteQueue } from '@verotrack/sqlite';
import { createApp } from './app.ts';
import { serve } from './serve.ts';

const { EVENTS_FILE = './vero.db' } = process.env;

const vero = createVero({ queue: sqliteQueue({ path: EVENTS_FILE }) }); // events wait in a file
const server = await serve(createApp(vero), vero);
// #endregion
console.log(`Process ${process.pid} listens at ${JSON.stringify(server.address())}`);
