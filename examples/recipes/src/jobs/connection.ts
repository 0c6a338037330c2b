import type { ConnectionOptions } from 'bullmq';

/** Where the application's queues are. */
export const connection: ConnectionOptions = { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' };
