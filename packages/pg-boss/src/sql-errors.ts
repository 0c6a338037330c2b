/**
 * Classes of SQLSTATE that are about the data of one statement, and would be the same tomorrow: data exceptions,
 * broken constraints, limits of the program.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const ABOUT_DATA = /^(22|23|54)...$/;

/** Whether Postgres refused what it was given; anything else may be mended meanwhile. */
export function isAboutData(thrown: unknown): boolean {
  const { code } = (thrown ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && ABOUT_DATA.test(code);
}

/**
 * Operator intervention, connection exceptions and too many connections, and what sockets and the search for a host say.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const LOST = /^(57P0.|08...|53300|ECONN\w+|EPIPE|ETIMEDOUT|EHOST\w+|ENET\w+|ENOTFOUND|EAI_\w+|ENOENT)$/;

/** What `pg` says of a connection without a code. */
const LOST_IN_WORDS = /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/;

/** Whether a connection was lost, or could not be made. */
export function isLostConnection(thrown: unknown): boolean {
  const { code, message } = (thrown ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  return LOST.test(String(code)) || LOST_IN_WORDS.test(String(message));
}
