// #region run
import { pickIdentity } from '@verotrack/core';
import fastify from 'fastify';
import { vero } from './tracking.ts';
import { addToCart, type Item, userOf } from './your-app.ts';

const app = fastify();

app.post<{ Body: Item }>('/cart/items', (request, reply) => {
  const identity = pickIdentity(userOf(request), ['id', 'email']); // from what the server knows
  return vero.run({ identity }, async () => {
    const item = addToCart(request.body); // if this throws, nothing is sent
    vero.trackOnSuccess('add_to_cart', { data: { item_name: item.name } });
    return reply.code(201).send(item);
  });
});
// #endregion

await app.listen({ port: Number(process.env.PORT ?? 3000), host: 'localhost' });
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => app.close().then(() => vero.close()));
}
