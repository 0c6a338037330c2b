// #region server
import express from 'express';
import { trackEvent, vero } from './tracking.ts'; // 1
import { addItem, loadUser } from './your-app.ts';

const app = express();
app.use(express.json(), loadUser);

app.post(
  '/cart/items',
  trackEvent('add_to_cart', { data: ({ req }) => ({ item_name: req.body.name }) }), // 2
  addItem,
);

const server = app.listen(Number(process.env.PORT ?? 3000), 'localhost');

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => server.close(() => vero.close())); // 3
}
// #endregion
