import { messageOf, VeroError } from '@verotrack/core/queue';
import type { QueueSettings } from './options.ts';
import { neededVersion } from './schema-sql.ts';

/** SQLSTATE of what may not be done, or is not there: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const NOT_ALLOWED = '42501';
const NO_TABLE = '42P01';

/** What to do when the tables are not as they should be; any other error as it is. */
export async function explainSchemaError(
  thrown: unknown,
  { schema, migrate }: Pick<QueueSettings, 'schema' | 'migrate'>,
  versionThere: () => Promise<number | null>,
): Promise<unknown> {
  const message = messageOf(thrown);
  const { code } = (thrown ?? {}) as { readonly code?: unknown };
  const command = `npx @verotrack/pg-boss sql --schema ${schema}`;
  if (code === NOT_ALLOWED && migrate) {
    return explained(
      `this role may not make or change the schema ${schema} (${message}). Let another run what "${command} --role <this role>" prints, and use migrate: false`,
    );
  }
  if (code === NOT_ALLOWED) {
    return explained(`${message}. Let its owner run what "${command} --role <this role>" prints`);
  }
  if (code === NO_TABLE || message === 'pg-boss is not installed') {
    return explained(
      `the tables of the queue are not there (${message}). Run what "${command}" prints, or use migrate: true`,
    );
  }
  if (message !== 'pg-boss database requires migrations') return thrown;
  const there = await versionThere();
  const needed = await neededVersion();
  const versions = `the schema ${schema} is of version ${there} of pg-boss's, and this process needs ${needed}`;
  return explained(
    there !== null && there < needed
      ? `${versions}. Run what "${command} --from ${there}" prints, or use migrate: true`
      : `${versions}. Update pg-boss here`,
  );

  function explained(text: string): VeroError {
    return new VeroError('VERO_QUEUE', text, { cause: thrown });
  }
}
