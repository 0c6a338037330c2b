import { initTRPC, TRPCError } from '@trpc/server';
import { pickIdentity } from '@verotrack/core';
import {
  catalogue,
  catalogueAsCsv,
  type events,
  type identity,
  Orders,
  type Product,
  type ShopVero,
  type Users,
} from '@verotrack/example-shop';
import { type TrackMeta, trpcTracking } from '@verotrack/trpc';
import { z } from 'zod';
import { type Context, issueToken } from './context.ts';

const Credentials = z.object({ email: z.email(), password: z.string().min(8) });
const Account = z.object({ id: z.string(), email: z.string(), plan: z.enum(['free', 'pro']) });
type Account = z.infer<typeof Account>;
const CartItem = z.object({ productId: z.string() });

export function createRouter(vero: ShopVero, users: Users) {
  const orders = new Orders(vero);
  const t = initTRPC.context<Context>().meta<TrackMeta<Context, typeof events, typeof identity>>().create();

  const { trackEvent, trackFromMeta } = trpcTracking<Context, typeof events, typeof identity>(vero, {
    // Never the whole row: it has the password's hash in it.
    identify: ({ ctx }) => pickIdentity(ctx.user, ['id', 'email', 'plan']),
    // So that a call whose answer never arrived counts as aborted.
    response: ({ ctx }) => ctx.res,
  });
  // It also opens the scope, so that services deep inside a call know whose it is and how it ends.
  const publicProcedure = t.procedure.use(trackFromMeta());

  const protectedProcedure = publicProcedure.use(({ ctx, next }) => {
    if (!ctx.user) throw new TRPCError({ code: 'UNAUTHORIZED' });
    return next({ ctx: { user: ctx.user } });
  });

  const addToCart = protectedProcedure
    .input(CartItem)
    .use(
      trackEvent.of<Product>()('add_to_cart', {
        data: ({ result }) => ({ item_name: result.name, price: result.price }),
      }),
    )
    .mutation(({ ctx, input }) => {
      const product = catalogue.find(({ id }) => id === input.productId);
      if (!product) throw new TRPCError({ code: 'NOT_FOUND', message: 'There is no such product.' });
      orders.addToCart(ctx.user, product);
      return product;
    });

  // The event as metadata: `trackFromMeta` reads it.
  const cart = protectedProcedure.meta({ track: 'viewed_cart' }).query(({ ctx }) => orders.cartOf(ctx.user));

  // #region sign-up
  const signUp = publicProcedure
    .input(Credentials)
    // Nobody is logged in yet: who signed up is known by the result.
    .use(
      trackEvent.of<Account>()('signed_up', {
        identify: ({ result }) => pickIdentity(result, ['id', 'email', 'plan']),
      }),
    )
    // After `trackEvent`, which so sees its refusal. And it lets no other column out.
    .output(Account)
    .mutation(async ({ input: { email, password } }) => {
      const user = await users.signUp(email, password);
      if (!user) throw new TRPCError({ code: 'CONFLICT', message: 'This e-mail address has an account.' });
      return user;
    });
  // #endregion

  const logIn = publicProcedure
    .input(Credentials)
    .use(
      trackEvent.of<{ account: Account }>()('logged_in', {
        identify: ({ result }) => pickIdentity(result.account, ['id', 'email', 'plan']),
      }),
    )
    .output(z.object({ account: Account, token: z.string() }))
    .mutation(async ({ input: { email, password } }) => {
      const user = await users.logIn(email, password);
      if (!user) {
        const message = 'The e-mail address or the password is wrong.';
        throw new TRPCError({ code: 'UNAUTHORIZED', message });
      }
      return { account: user, token: await issueToken(user) };
    });

  const purchase = protectedProcedure.mutation(({ ctx }) => {
    const order = orders.purchase(ctx.user);
    if (!order) throw new TRPCError({ code: 'CONFLICT', message: 'The cart is empty.' });
    return order;
  });

  // A client that leaves before the end has exported nothing.
  const exportCatalogue = protectedProcedure
    .use(trackEvent('exported_catalogue'))
    .query(() => catalogueAsCsv());

  const recommendations = protectedProcedure
    .use(trackEvent('viewed_recommendations'))
    .query((): Product[] => {
      throw new Error('The recommendations are down.');
    });

  // The event still has its user, asked before the handler ran.
  const deleteAccount = protectedProcedure
    .use(trackEvent('deleted_account'))
    .mutation(({ ctx }) => users.delete(ctx.user));

  return t.router({
    catalogue: publicProcedure.query(() => catalogue),
    addToCart,
    cart,
    purchase,
    signUp,
    logIn,
    exportCatalogue,
    recommendations,
    deleteAccount,
  });
}

/** For clients. */
export type ShopRouter = ReturnType<typeof createRouter>;
