import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { externalLinks, whyDead } from '../external-links.ts';

test('externalLinks finds each link once, and leaves out those of the repository and of this machine', () => {
  const markdown = `[a](https://a.dev/x#one) [b](https://a.dev/x#two) <https://b.dev> ![c](https://c.dev/c.png)
[d](README.md) [e](http://localhost:4004) \`https://f.dev\` [g]

| [h](https://h.dev) |
|---|

[g]: https://g.dev
`;
  expect(externalLinks(markdown).toSorted()).toEqual([
    'https://a.dev/x',
    'https://b.dev',
    'https://c.dev/c.png',
    'https://g.dev',
    'https://h.dev',
  ]);
});

test('whyDead says what is wrong with a link, and nothing about one that leads somewhere', async () => {
  const server = createServer((req, res) => {
    res.writeHead(Number(req.url?.slice(1)), { location: '/200' }).end('page');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await whyDead(`${url}/200`)).toBeUndefined();
  expect(await whyDead(`${url}/302`)).toBeUndefined();
  expect(await whyDead(`${url}/403`)).toBeUndefined();
  expect(await whyDead(`${url}/404`)).toBe('404');
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
  expect(await whyDead(`${url}/200`)).toEqual(expect.any(String));
});
