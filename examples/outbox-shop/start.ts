/** The shop, a worker, a local Vero and Postgres, without Docker, until Ctrl-C. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startInspector } from '@verotrack/inspector';

const postgres = start('postgres.ts');
const [url] = await once(postgres, 'message');
const inspector = await startInspector();
const env = {
  DATABASE_URL: String(url),
  VERO_AUTH_TOKEN: 'tok_secret_of_the_outbox_shop',
  VERO_BASE_URL: inspector.url,
};
const users = [start('src/worker.ts', env), start('src/shop.ts', env)];
console.log(`Open ${inspector.url} in a browser: a local Vero shows what it receives there.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, close);

/** Those who use Postgres first. */
async function close(): Promise<void> {
  for (const user of users) user.kill('SIGTERM');
  await Promise.all(users.map(ended));
  if (postgres.connected) postgres.disconnect();
  await ended(postgres);
  await inspector.close();
}

function start(file: string, variables: NodeJS.ProcessEnv = {}): ChildProcess {
  const env = { ...process.env, ...variables };
  return fork(join(import.meta.dirname, file), { env, execArgv: [], detached: true });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
