import { VeroError } from '@verotrack/core/queue';
import { fleetTableSql } from './fleet-state.ts';

export interface SchemaSqlOptions {
  /** The schema of pg-boss. */
  readonly schema: string;
  /** A role that is to work with it, and may not change it. */
  readonly role?: string | undefined;
  /** The version of pg-boss's schema that is there. @default none */
  readonly from?: number | undefined;
}

/**
 * The least that a client, an outbox, a worker and the commands need when somebody else makes the tables. What it comes to
 * was found by taking away one after the other; `least-privilege.test.ts` runs with no more.
 */
const TABLE_PRIVILEGES: readonly (readonly [privileges: string, table: string])[] = [
  ['SELECT, UPDATE', 'version'],
  ['SELECT, INSERT, UPDATE', 'queue'],
  ['SELECT, INSERT, UPDATE', 'job'],
  ['SELECT, INSERT, UPDATE, DELETE', 'job_common'],
  ['SELECT, DELETE', 'job_dependency'],
  ['SELECT, INSERT, UPDATE, DELETE', 'instance'],
  ['SELECT, INSERT, UPDATE', 'verotrack_fleet'],
];
const FUNCTIONS: readonly string[] = ['job_now()', 'create_queue(text, jsonb)'];

/**
 * The SQL that makes what the queue needs, or brings it up to date, to be reviewed and run by whoever owns the database.
 *
 * @throws {VeroError} `VERO_CONFIG` for a version that can't be brought up to date
 */
export async function schemaSql({ schema, role, from }: SchemaSqlOptions): Promise<string> {
  const { getConstructionPlans, getMigrationPlans } = await import('pg-boss');
  const construction = getConstructionPlans(schema);
  const current = versionIn(construction);
  let bossSql: string;
  if (from === undefined) bossSql = `-- pg-boss, at version ${current} of its schema.${construction}`;
  else if (from === current)
    bossSql = `-- pg-boss is at version ${current} of its schema: there is nothing to do.`;
  else bossSql = `-- pg-boss, from version ${from} of its schema to ${current}.${migration(from, current)}`;
  const parts = [
    '-- For psql --set ON_ERROR_STOP=1, as a role that may create in this database.',
    bossSql,
    `-- The pause and the rate of the fleet.\n${fleetTableSql(schema)};`,
  ];
  if (role !== undefined) parts.push(grants(schema, role));
  return parts.map((part) => part.trim()).join('\n\n');

  function migration(version: number, to: number): string {
    if (version > to) {
      throw new VeroError(
        'VERO_CONFIG',
        `This pg-boss knows the versions of its schema to ${to}, not ${version}`,
      );
    }
    try {
      return getMigrationPlans(schema, version);
    } catch (thrown) {
      throw new VeroError('VERO_CONFIG', (thrown as Error).message, { cause: thrown });
    }
  }
}

/** The version of pg-boss's schema that this process needs. */
export async function neededVersion(): Promise<number> {
  const { getConstructionPlans } = await import('pg-boss');
  return versionIn(getConstructionPlans());
}

/** pg-boss tells it nowhere else. */
function versionIn(construction: string): number {
  const [, version] = /INSERT INTO \S+\.version\(version\) VALUES \('(\d+)'\)/.exec(construction) ?? [];
  if (version === undefined)
    throw new VeroError('VERO_QUEUE', 'pg-boss does not say the version of its schema');
  return Number(version);
}

function grants(schema: string, role: string): string {
  return [
    `-- For ${role}, which works with it and may not change it.`,
    `GRANT USAGE ON SCHEMA ${schema} TO ${role};`,
    ...TABLE_PRIVILEGES.map(([privileges, table]) => `GRANT ${privileges} ON ${schema}.${table} TO ${role};`),
    ...FUNCTIONS.map((name) => `GRANT EXECUTE ON FUNCTION ${schema}.${name} TO ${role};`),
  ].join('\n');
}
