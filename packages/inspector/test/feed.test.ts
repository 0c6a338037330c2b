import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Draft } from '../src/entry.ts';
import { Feed } from '../src/feed.ts';
import type { Inspector } from '../src/index.ts';
import type { EntrySummary, FaultState } from '../src/page-contract.ts';
import { Store } from '../src/store.ts';
import { post, SIGN_UP, start } from './client.ts';
import { openFeed } from './page-client.ts';

const named = (event_name: string) => ({ ...SIGN_UP, event_name });
async function lastId(inspector: Inspector): Promise<string> {
  const feed = await openFeed(inspector);
  const { id = '' } = await feed.next('entries');
  feed.close();
  return id;
}

function file(): string {
  const folder = mkdtempSync(join(tmpdir(), 'verotrack-inspector-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'events.db');
}

const names = (entries: readonly EntrySummary[]) => entries.map(({ name }) => name);

describe('the feed', () => {
  it('tells what there is, and then what comes, a tenth of a second at once', async () => {
    const inspector = await start();
    await post(inspector, named('one'));
    await post(inspector, named('two'));
    const feed = await openFeed(inspector);
    expect(feed.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const first = await feed.next<EntrySummary[]>('entries');
    expect([first.id, names(first.data)]).toEqual([expect.stringMatching(/^\w+-2$/), ['one', 'two']]);
    await Promise.all(['three', 'four', 'five'].map((name) => post(inspector, named(name))));
    const second = await feed.next<EntrySummary[]>('entries');
    expect(names(second.data).toSorted()).toEqual(['five', 'four', 'three']);
    expect(second.id).toBe(first.id?.replace(/2$/, '5'));
    feed.close();
  });

  it('goes on where the page was', async () => {
    const inspector = await start();
    await post(inspector, named('one'));
    const one = await lastId(inspector);
    await post(inspector, named('two'));
    const two = await lastId(inspector);
    await post(inspector, named('three'));
    const after = await openFeed(inspector, two);
    expect(names((await after.next<EntrySummary[]>('entries')).data)).toEqual(['three']);
    after.close();
    // A browser asks for the same address again.
    const again = await openFeed(inspector, '0', { 'last-event-id': one });
    expect(names((await again.next<EntrySummary[]>('entries')).data)).toEqual(['two', 'three']);
    again.close();
  });

  it('tells a page that has seen an earlier run to forget it', async () => {
    const inspector = await start();
    for (const name of ['one', 'two', 'three']) await post(inspector, named(name));
    // Also when this run has come further by now, and when a page of an earlier release asks.
    for (const [after, upTo] of [
      ['elsewhere-700', 700],
      ['elsewhere-2', 2],
      ['2', 2],
    ] as const) {
      const feed = await openFeed(inspector, after);
      expect((await feed.next('cleared')).data).toEqual({ upTo });
      expect(names((await feed.next<EntrySummary[]>('entries')).data)).toEqual(['one', 'two', 'three']);
      feed.close();
    }
  });

  it('tells a page that was away what was forgotten meanwhile', async () => {
    const inspector = await start();
    for (const name of ['one', 'two']) await post(inspector, named(name));
    const two = await lastId(inspector);
    inspector.clear();
    await post(inspector, named('three'));
    const feed = await openFeed(inspector, two);
    const cleared = await feed.next('cleared');
    expect(cleared.data).toEqual({ upTo: 2 });
    expect(names((await feed.next<EntrySummary[]>('entries')).data)).toEqual(['three']);
    feed.close();
    // Who goes on from there is told nothing twice.
    const again = await openFeed(inspector, cleared.id);
    await expect(again.next('cleared', 'entries')).rejects.toThrow('before "entries"');
    again.close();
  });

  it('goes on over a restart with a database, unless that was not in order', async () => {
    const database = file();
    const first = await start({ database });
    await post(first, named('one'));
    const one = await lastId(first);
    await first.close();
    const second = await start({ database });
    await post(second, named('two'));
    const feed = await openFeed(second, one);
    await expect(feed.next('cleared', 'entries')).rejects.toThrow('before "entries"');
    feed.close();
    second.clear();
    await second.close();
    const third = await start({ database });
    await post(third, named('three'));
    const later = await openFeed(third, one);
    expect((await later.next('cleared')).data).toEqual({ upTo: 1 });
    later.close();
    const three = await lastId(third);
    // As a process leaves it that is killed.
    const written = () => readFileSync(`${database}-wal`).includes('"event_name":"three"');
    await expect.poll(written).toBe(true);
    copyFileSync(database, `${database}2`);
    copyFileSync(`${database}-wal`, `${database}2-wal`);
    const killed = await start({ database: `${database}2` });
    const last = await openFeed(killed, three);
    await last.next('cleared');
    last.close();
  });

  it('tells of faults and of what is forgotten', async () => {
    const inspector = await start();
    const feed = await openFeed(inspector);
    expect((await feed.next<FaultState[]>('faults')).data).toEqual([]);
    inspector.failNext('drop');
    expect((await feed.next<FaultState[]>('faults')).data).toMatchObject([{ label: 'drop', left: 1 }]);
    await post(inspector).catch(() => undefined);
    expect((await feed.next<FaultState[]>('faults')).data).toEqual([]);
    expect((await feed.next<EntrySummary[]>('entries')).data).toMatchObject([{ kind: 'fault' }]);
    inspector.clear();
    expect((await feed.next('cleared')).data).toEqual({ upTo: 1 });
    await post(inspector, named('new'));
    expect((await feed.next<EntrySummary[]>('entries')).data).toMatchObject([{ seq: 2, name: 'new' }]);
    feed.close();
  });

  it('ends with the inspector', async () => {
    const inspector = await start();
    const feed = await openFeed(inspector);
    await inspector.close();
    await expect(feed.next('entries')).rejects.toThrow();
  });

  it('is for so many pages at once', async () => {
    const inspector = await start();
    const feeds = await Promise.all(Array.from({ length: 64 }, () => openFeed(inspector)));
    expect((await fetch(`${inspector.url}/_/api/feed`)).status).toBe(503);
    feeds[0]?.close();
    await expect
      .poll(async () => {
        const feed = await openFeed(inspector);
        feed.close();
        return feed.response.status;
      })
      .toBe(200);
    for (const feed of feeds) feed.close();
  });
});

describe('a reader', () => {
  const draft = (name: string): Draft => ({
    at: Date.now(),
    kind: 'event',
    method: 'POST',
    path: '/api/v2/events/track',
    status: 200,
    message: null,
    fault: null,
    attempt: 1,
    body: { event_name: name, identity: { id: '1' }, data: { text: 'x'.repeat(190) } },
    text: '',
    credential: null,
    issues: [],
    weight: 0,
  });

  /** A feed by itself, whose times are short. */
  async function serve(store: Store, stallMs: number): Promise<Server> {
    const feed = new Feed(store, () => [], { gatherMs: 1, stallMs, heartbeatMs: 5 });
    const server = createServer((_req, res) => feed.open(res, { epoch: '', seq: 0 }));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      feed.close();
      server.close();
      server.closeAllConnections();
    });
    return server;
  }

  it('that takes nothing is dropped, and nothing piles up for it', async () => {
    const store = new Store(10_000, true);
    const server = await serve(store, 1);
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [connection] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
    socket.pause();
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(server, 'request');
    const most: number[] = [];
    const closed = once(connection[0], 'close');
    // Far more than the system's buffers between the two hold.
    for (let count = 0; count < 30_000; count += 1) {
      store.add(draft('event'));
      if (count % 1_000 === 0) {
        await new Promise((resolve) => setImmediate(resolve));
        most.push(connection[0].writableLength);
      }
    }
    await closed;
    expect(Math.max(...most)).toBeLessThan(2_000_000);
    socket.destroy();
  });

  it('that is slow gets all in order, and a sign of life when there is nothing', async () => {
    const store = new Store(10_000, true);
    const server = await serve(store, 60_000);
    for (let count = 0; count < 5_000; count += 1) store.add(draft(`n${count}`));
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const found: string[] = [];
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes(': \n\n') && text.includes('"n4999"')) break;
    }
    for (const [, name = ''] of text.matchAll(/"name":"(n\d+)"/g)) found.push(name);
    expect(found).toEqual(Array.from({ length: 5_000 }, (_, count) => `n${count}`));
  });
});
