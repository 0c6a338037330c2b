/** Postgres, in a process that Ctrl-C does not reach: it ends after those who use it. */
import { startPostgres } from '@verotrack/test-postgres';

const postgres = await startPostgres();
process.once('disconnect', () => void postgres.stop());
process.send?.(postgres.url);
