/** A shop of one route, to be run with `--import ./telemetry.ts`. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVero } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express from 'express';

const vero = createVero();
const { trackEvent } = expressTracking(vero, { identify: () => ({ id: '42' }) });

const app = express();
app.post('/orders', trackEvent('purchased'), (_req, res) => void res.json({ ok: true }));

const server = createServer(app).listen(0, '127.0.0.1');
await once(server, 'listening');
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
