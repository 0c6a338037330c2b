import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { startPostgres, type TestPostgres } from '@verotrack/test-postgres';
import pg from 'pg';

/** Linux counts a process's time in hundredths of a second. */
const MS_PER_TICK = 10;

/** What changes in the settings for a measurement must be said with its figures. */
const SETTINGS = ['fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size'];

/** A Postgres of its own, of which is known what it costs. Linux only. */
export class Server {
  readonly url: string;
  readonly db: pg.Pool;
  readonly #postgres: TestPostgres;

  private constructor(postgres: TestPostgres) {
    this.#postgres = postgres;
    this.url = postgres.url;
    this.db = new pg.Pool({ connectionString: postgres.url, max: 2 });
  }

  /** @param flags - of the server; none are its defaults */
  static async start(flags: readonly string[]): Promise<Server> {
    return new Server(await startPostgres({ own: true, flags: flags.flatMap((flag) => ['-c', flag]) }));
  }

  async one<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row> {
    const { rows } = await this.db.query<Row>(text, values);
    return rows[0] as Row;
  }

  /** Machine and server, for the head of the figures. */
  async description(): Promise<string> {
    const { version } = await this.one<{ version: string }>('SHOW server_version AS version').catch(() =>
      this.one<{ version: string }>("SELECT current_setting('server_version') AS version"),
    );
    const settings: string[] = [];
    for (const name of SETTINGS) {
      const { value } = await this.one<{ value: string }>('SELECT current_setting($1) AS value', [name]);
      settings.push(`${name} ${value}`);
    }
    const [cpu] = cpus();
    return `Node ${process.versions.node}, ${cpus().length} × ${cpu?.model}, load ${load()}
Postgres ${version}: ${settings.join(', ')}`;
  }

  /** Bytes of write-ahead log so far. */
  async walBytes(): Promise<number> {
    const { bytes } = await this.one<{ bytes: string }>(
      "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text AS bytes",
    );
    return Number(bytes);
  }

  /** Time that all of its processes have had so far, in milliseconds. */
  async cpuMs(): Promise<number> {
    const { pid } = await this.one<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const postmaster = stat(pid)?.parent;
    let ticks = 0;
    for (const name of readdirSync('/proc')) {
      const found = /^\d+$/.test(name) ? stat(Number(name)) : undefined;
      // Those that have ended are in the count of who started them.
      if (found?.pid === postmaster) ticks += found?.own ?? 0;
      if (found?.pid === postmaster) ticks += found?.children ?? 0;
      if (found?.parent === postmaster) ticks += found?.own ?? 0;
    }
    return ticks * MS_PER_TICK;
  }

  async stop(): Promise<void> {
    // It may end connections before they have.
    this.db.on('error', () => {});
    await this.db.end();
    await this.#postgres.stop();
  }
}

export function load(): string {
  return loadavg()[0]?.toFixed(2) ?? '';
}

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly own: number;
  readonly children: number;
}

/** See proc_pid_stat(5); `undefined` for a process that has ended meanwhile. */
function stat(pid: number): Stat | undefined {
  try {
    // The name, in parentheses, may have spaces in it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const number = (field: number): number => Number(fields[field - 3]);
    return { pid, parent: number(4), own: number(14) + number(15), children: number(16) + number(17) };
  } catch {
    return undefined;
  }
}
