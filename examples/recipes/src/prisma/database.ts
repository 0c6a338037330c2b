// #region database
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './client.ts';

export const db: PrismaClient = new PrismaClient({
  adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }),
});
// #endregion
