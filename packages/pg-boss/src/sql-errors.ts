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
 * Operator intervention and connection exceptions, and what sockets say.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const LOST = /^(57P0.|08...|ECONN\w+|EPIPE|ETIMEDOUT)$/;

/** Whether a connection was lost. */
export function isLostConnection({ code, message }: Error & { readonly code?: unknown }): boolean {
  return LOST.test(String(code)) || message === 'Connection terminated unexpectedly';
}
