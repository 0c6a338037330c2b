/** A local Vero with its page, and the three shops, to try by hand: what Vero receives is printed, until Ctrl-C. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInspector } from '@verotrack/inspector';
import { commandsFor } from './src/commands.ts';
import { describeEvent, listenForReasons } from './src/outcomes.ts';
import { openShops } from './src/shops.ts';
import { visit } from './src/visit.ts';

/** The longest time that a timer knows. */
const FOREVER_MS = 2 ** 31 - 1;

const inspector = await startInspector();
// So that the page has something to show: a visitor has been to shops like these.
for (const shop of await openShops(inspector.url, 'visit')) await visit(shop, inspector);
const shops = await openShops(inspector.url);

let isClosing = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, close);
const folder = mkdtempSync(join(tmpdir(), 'verotrack-'));

console.log(`Open ${inspector.url} in a browser: a local Vero shows what it receives there.`);
console.log('A visitor has been here already, and these shops send their events to it:\n');
for (const shop of shops) {
  console.log(`${shop.framework}  ${shop.url}`);
  for (const command of commandsFor(shop, join(folder, 'cookies'))) console.log(`  ${command}`);
  console.log();
  listenForReasons(shop.vero, (text) => print(shop.framework, text));
}
console.log('Paste these commands into another terminal; the first card is declined. Here you see what Vero');
console.log('receives, and why it receives nothing where an event was declared. Ctrl-C ends it all.\n');

/** What the visitor did is in the page, and is not printed. */
let visits = inspector.events().length;
try {
  await inspector.waitForEvent(
    (event) => {
      if (visits > 0) visits--;
      else print(String(event.extras?.source), describeEvent(event));
      return false;
    },
    { timeoutMs: FOREVER_MS },
  );
} catch (thrown) {
  if (!isClosing) throw thrown;
}

function print(source: string, text: string): void {
  console.log(`${source.padEnd('express'.length)}  ${text}`);
}

async function close(): Promise<void> {
  if (isClosing) return;
  isClosing = true;
  rmSync(folder, { recursive: true, force: true });
  await Promise.all(shops.map((shop) => shop.close()));
  await inspector.close();
}
