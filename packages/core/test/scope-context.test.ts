import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { deferred, JANE, makeClient } from './clients.ts';
import { fakeVero } from './fake-vero.ts';
import { recording, whoDid } from './recording.ts';

describe('the async context of a scope', () => {
  it('is kept over awaits, timers, promises, event emitters and requests', async () => {
    const server = await fakeVero();
    const { vero } = makeClient();
    const seen: Record<string, unknown> = {};
    const look = (where: string): void => void (seen[where] = vero.identity()?.id);
    await vero.run({ identity: JANE }, async () => {
      look('sync');
      await null;
      look('await');
      await new Promise<void>((resolve) => setTimeout(() => resolve(look('timer')), 1));
      await new Promise<void>((resolve) => setImmediate(() => resolve(look('immediate'))));
      await new Promise<void>((resolve) => process.nextTick(() => resolve(look('tick'))));
      await Promise.resolve().then(() => look('then'));
      const emitter = new EventEmitter().once('it', () => look('emitter'));
      emitter.emit('it');
      await fetch(server.url, { method: 'POST', body: '{}' });
      look('request');
    });
    expect(seen).toEqual(
      Object.fromEntries(
        ['sync', 'await', 'timer', 'immediate', 'tick', 'then', 'emitter', 'request'].map((at) => [at, '42']),
      ),
    );
  });

  it('does not leak from one run into another, however many interleave', async () => {
    const { vero, sent } = recording();
    const users = Array.from({ length: 200 }, (_, index) => `u${index}`);
    await Promise.all(
      users.map((id, index) =>
        vero.run({ identity: { id } }, async () => {
          for (let step = 0; step < 3; step++) {
            await (step === index % 3 ? sleep(index % 5) : new Promise(setImmediate));
            vero.track(`now ${id}`);
          }
          vero.trackOnSuccess(`on_success ${id}`);
          await vero.run({ identity: { id: `${id}-inner` } }, async () => {
            await null;
            vero.track(`now ${id}-inner`);
          });
        }),
      ),
    );
    expect(vero.identity()).toBeUndefined();
    await vero.flush();
    expect(sent).toHaveLength(200 * 5);
    expect(sent.filter(({ event_name, identity }) => event_name.split(' ')[1] !== identity.id)).toEqual([]);
  });

  it('goes on when its work is over, for what still runs', async () => {
    const { vero, sent } = recording();
    const late = deferred();
    let after: Promise<void> | undefined;
    vero.run({ identity: JANE }, () => {
      after = late.promise.then(() => vero.track('late'));
    });
    late.resolve();
    await after;
    await vero.flush();
    expect(whoDid(sent)).toEqual([['late', '42']]);
  });
});
