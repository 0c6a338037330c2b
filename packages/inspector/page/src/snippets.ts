export interface Snippet {
  readonly name: string;
  readonly code: string;
}

/** The shortest way to see a first event, for each framework. @param url of this inspector */
export function snippets(url: string): readonly Snippet[] {
  return [
    {
      name: 'Express',
      code: `import { createVero, pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';

const vero = createVero({ baseUrl: '${url}', authToken: 'any' });
const { trackEvent } = expressTracking(vero, {
  identify: ({ req }) => pickIdentity(req.user, ['id', 'email']),
});

app.post('/cart/items', trackEvent('add_to_cart'), addItem);`,
    },
    {
      name: 'NestJS',
      code: `import { pickIdentity } from '@verotrack/core';
import { TrackEvent, VeroModule } from '@verotrack/nestjs';

// In the imports of your AppModule:
VeroModule.forRoot<AppRequest>({
  baseUrl: '${url}',
  authToken: 'any',
  identify: ({ request }) => pickIdentity(request.user, ['id', 'email']),
});

// On a handler of a controller:
@Post('items')
@TrackEvent('add_to_cart')
add(@Body() item: Item) { … }`,
    },
    {
      name: 'tRPC',
      code: `import { createVero, pickIdentity } from '@verotrack/core';
import { trpcTracking } from '@verotrack/trpc';

const vero = createVero({ baseUrl: '${url}', authToken: 'any' });
const { trackEvent } = trpcTracking<Context>(vero, {
  identify: ({ ctx }) => pickIdentity(ctx.user, ['id', 'email']),
});

addToCart: t.procedure
  .use(trackEvent('add_to_cart'))
  .mutation(…)`,
    },
    {
      name: 'curl',
      code: `curl ${url}/api/v2/events/track \\
  -H 'content-type: application/json' \\
  -d '${JSON.stringify(EXAMPLE, null, 2)}'`,
    },
  ];
}

/** The seed of every shop: somebody put blue shoes into the cart. */
export const EXAMPLE = {
  auth_token: 'any',
  event_name: 'add_to_cart',
  identity: { id: '1', email: 'janedoe@getvero.com', name: 'Jane' },
  data: { item_name: 'Blue shoes', item_price: 40 },
} as const;
