// #region run
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { pickIdentity } from '@verotrack/core';
import { vero } from './tracking.ts';
import { addToCart, bodyOf, userOf } from './your-app.ts';

async function addItem(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const item = addToCart(await bodyOf(req)); // if this throws, nothing is sent
  vero.trackOnSuccess('add_to_cart', { data: { item_name: item.name } });
  res.writeHead(201).end();
}

const server = createServer((req, res) => {
  const identity = pickIdentity(userOf(req), ['id', 'email']); // from what the server knows
  vero
    .run({ identity }, () => addItem(req, res))
    .catch((error) => {
      console.error(error.message);
      res.writeHead(500).end();
    });
});
server.listen(Number(process.env.PORT ?? 3000), 'localhost');
// #endregion

// #region close
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => server.close(() => vero.close()));
}
// #endregion
