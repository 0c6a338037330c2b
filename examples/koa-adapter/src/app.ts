// #region example
import Router from '@koa/router';
import { createVero, pickIdentity, type Vero } from '@verotrack/core';
import Koa from 'koa';
import { koaTracking } from './index.ts';
import { addItem, type Item, loadUser } from './your-app.ts';

export const vero: Vero = createVero(); // takes VERO_AUTH_TOKEN from the environment
const { trackEvent, requestScope } = koaTracking(vero, {
  identify: ({ ctx }) => pickIdentity(ctx.state.user, ['id', 'email']),
});

const router = new Router();
router.post(
  '/cart/items',
  trackEvent('add_to_cart', { data: ({ ctx }) => ({ item_name: (ctx.body as Item).name }) }),
  addItem,
);

export const app: Koa = new Koa();
app.use(loadUser).use(requestScope()).use(router.routes());
// #endregion
