/** A local Vero and the three shops, to try by hand: what Vero receives is printed, until Ctrl-C. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInspector } from '@verotrack/inspector';
import { commandsFor } from './src/commands.ts';
import { describeEvent, listenForReasons } from './src/outcomes.ts';
import { openShops } from './src/shops.ts';

/** The longest time that a timer knows. */
const FOREVER_MS = 2 ** 31 - 1;

const inspector = await startInspector();
const shops = await openShops(inspector.url);

let isClosing = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, close);
const folder = mkdtempSync(join(tmpdir(), 'verotrack-'));

console.log(`A local Vero is at ${inspector.url}, and these shops send their events to it:\n`);
for (const shop of shops) {
  console.log(`${shop.framework}  ${shop.url}`);
  for (const command of commandsFor(shop, join(folder, 'cookies'))) console.log(`  ${command}`);
  console.log();
  listenForReasons(shop.vero, (text) => print(shop.framework, text));
}
console.log('Paste these commands into another terminal; the first card is declined. Here you see what Vero');
console.log('receives, and why it receives nothing where an event was declared. Ctrl-C ends it all.\n');

try {
  for (;;) {
    await inspector.waitForEvents(1, { timeoutMs: FOREVER_MS });
    for (const event of inspector.events()) print(String(event.extras?.source), describeEvent(event));
    // What was printed need not be kept.
    inspector.clear();
  }
} catch (thrown) {
  if (!isClosing) throw thrown;
}

function print(source: string, text: string): void {
  console.log(`${source.padEnd('express'.length)}  ${text}`);
}

async function close(): Promise<void> {
  isClosing = true;
  rmSync(folder, { recursive: true });
  await Promise.all(shops.map((shop) => shop.close()));
  await inspector.close();
}
