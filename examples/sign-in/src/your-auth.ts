import { memoryAdapter } from 'better-auth/adapters/memory';

/** Stands for Postgres, or whatever Better Auth has its tables in. */
export const database: ReturnType<typeof memoryAdapter> = memoryAdapter({
  user: [],
  session: [],
  account: [],
  verification: [],
});

/** Stands for an application at a provider of OAuth. */
export const gitlabApp: Readonly<Record<'clientId' | 'clientSecret' | 'issuer', string>> = {
  clientId: 'shop',
  clientSecret: process.env.GITLAB_SECRET ?? '',
  issuer: process.env.GITLAB_URL ?? 'https://gitlab.com',
};
