// #region suite
import { adapterSuite } from '@verotrack/adapter-suite';
import { koaHost } from './koa-host.ts';

adapterSuite(koaHost);
// #endregion
