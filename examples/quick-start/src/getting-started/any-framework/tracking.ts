// #region tracking
import { createVero } from '@verotrack/core';

/** One for the whole application. It takes VERO_AUTH_TOKEN and VERO_BASE_URL from the environment. */
export const vero = createVero();
// #endregion
