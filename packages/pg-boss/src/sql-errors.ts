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
