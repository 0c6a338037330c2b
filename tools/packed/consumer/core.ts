import { buildTrackPayload, createVero, kyTransport, memoryQueue, undiciTransport } from '@verotrack/core';
import { threadTransport } from '@verotrack/core/thread';

export const vero = createVero({ enabled: false, queue: memoryQueue(), transport: kyTransport() });
export const others = [threadTransport(), undiciTransport()];

// What is given back, under a name of the application's: its type has to be one that can be written down.
export const stats = vero.stats();
export const health = vero.health();
export const flushed = vero.flush();
export const off = vero.on('rejected', ({ event, error }) => console.error(event.name, error.status));
export const letters = vero.deadLetters;
export const work = vero.run({ identity: { id: '42' } }, async () => vero.identity());
export const payload = buildTrackPayload(
  { name: 'logged_out', identity: { id: '42' } },
  { authToken: 'tok_secret_of_the_consumer', developmentMode: false },
);
