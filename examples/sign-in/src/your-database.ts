import { memoryAdapter } from 'better-auth/adapters/memory';

/** Stands for Postgres, or whatever Better Auth has its tables in. */
export const database: ReturnType<typeof memoryAdapter> = memoryAdapter({
  user: [],
  session: [],
  account: [],
  verification: [],
});
