// #region server
import { createVero } from '@verotrack/core';
import { createApp } from './app.ts';
import { serve } from './serve.ts';

const vero = createVero(); // events wait in memory
const server = await serve(createApp(vero), vero);
// #endregion
console.log(`Process ${process.pid} listens at ${JSON.stringify(server.address())}`);
