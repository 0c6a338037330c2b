import type { Framework, OpenShop } from './shops.ts';

/** What to type into a shell to visit a shop. `cookies` is the file that curl keeps a session in. */
const commands: Readonly<Record<Framework, (url: string, cookies: string) => readonly string[]>> = {
  express: (url, cookies) => [
    `curl ${url}/signup -d email=jane@example.com -d password=correct-horse`,
    `curl ${url}/login -d email=jane@example.com -d password=correct-horse -c '${cookies}'`,
    `curl ${url}/cart/items -d productId=shoes -b '${cookies}'`,
    `curl -i ${url}/purchase -d card=4000000000000002 -b '${cookies}'`,
    `curl -i ${url}/purchase -d card=4242424242424242 -b '${cookies}'`,
  ],
  nest: (url) => [
    `curl ${url}/signup -d email=jane@example.com -d password=correct-horse`,
    `NEST=$(curl -s ${url}/login -d email=jane@example.com -d password=correct-horse | ${tokenIn('token')})`,
    `curl ${url}/cart/items -d productId=hat -H "authorization: Bearer $NEST"`,
    `curl -X POST ${url}/purchase -H "authorization: Bearer $NEST"`,
  ],
  trpc: (url) => [
    `curl ${url}/signUp ${JSON_TYPE} -d '{"email":"jane@example.com","password":"correct-horse"}'`,
    `TRPC=$(curl -s ${url}/logIn ${JSON_TYPE} -d '{"email":"jane@example.com","password":"correct-horse"}' | ${tokenIn('result.data.token')})`,
    `curl ${url}/addToCart ${JSON_TYPE} -d '{"productId":"scarf"}' -H "authorization: Bearer $TRPC"`,
    `curl ${url}/cart -H "authorization: Bearer $TRPC"`,
  ],
};

const JSON_TYPE = "-H 'content-type: application/json'";

export function commandsFor({ framework, url }: OpenShop, cookies: string): readonly string[] {
  return commands[framework](url, cookies);
}

function tokenIn(path: string): string {
  return `node -p 'JSON.parse(fs.readFileSync(0)).${path}'`;
}
