// #region example
import { createVeroWorker, pgBossQueue } from '@verotrack/pg-boss';

const worker = createVeroWorker({ queue: pgBossQueue({ connectionString: process.env.DATABASE_URL }) });
process.once('SIGTERM', () => void worker.close());

// #endregion

export { worker };
