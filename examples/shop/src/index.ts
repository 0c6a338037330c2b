/** What the three shops have in common, and what has nothing to do with frameworks. */
export { catalogue, catalogueAsCsv, type Product } from './catalogue.ts';
export { events, identity, type ShopVero } from './events.ts';
export { closeInTime, listen, type Shop } from './listen.ts';
export { type Order, Orders } from './orders.ts';
export { type User, Users } from './users.ts';
