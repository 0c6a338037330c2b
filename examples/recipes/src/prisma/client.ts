/** As `prisma generate` leaves it in an application. */
export { PrismaClient } from '@verotrack/test-prisma';
