import { onExpress, onFastify, onFetch, standalone, trpcHost } from '../src/hosts/trpc.ts';
import { adapterSuite } from '../src/index.ts';

adapterSuite(trpcHost('tRPC standalone', standalone));
adapterSuite(trpcHost('tRPC on Express', onExpress));
adapterSuite(trpcHost('tRPC on Fastify', onFastify));
adapterSuite(trpcHost('tRPC by fetch', onFetch, { seesResponse: false }));
