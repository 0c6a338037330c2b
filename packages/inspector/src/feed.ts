import type { ServerResponse } from 'node:http';
import type { FaultState } from './page-contract.ts';
import type { Store } from './store.ts';

interface FeedOptions {
  /** Changes are gathered for this long. */
  readonly gatherMs?: number;
  /** Who takes nothing for this long is dropped. */
  readonly stallMs?: number;
  readonly heartbeatMs?: number;
}

/** How far a page got: the last entry that it has, and of which epoch. */
export interface Place {
  readonly epoch: string;
  /** 0 before the first. */
  readonly seq: number;
}

interface Reader {
  readonly res: ServerResponse;
  /** The last entry that was sent. What comes after it stays in the store, so that nothing piles up here. */
  seq: number;
  clearedUpTo: number | undefined;
  areFaultsNew: boolean;
  stalledSince: number | undefined;
}

const MAX_READERS = 64;
const ENTRIES_PER_MESSAGE = 500;

/** Server-sent events for every page that is open. */
export class Feed {
  readonly #store: Store;
  readonly #faults: () => readonly FaultState[];
  readonly #options: Required<FeedOptions>;
  readonly #readers = new Set<Reader>();
  readonly #heartbeat: NodeJS.Timeout;
  #gathering: NodeJS.Timeout | undefined;

  constructor(store: Store, faults: () => readonly FaultState[], options: FeedOptions = {}) {
    this.#store = store;
    this.#faults = faults;
    this.#options = { gatherMs: 100, stallMs: 30_000, heartbeatMs: 15_000, ...options };
    store.listen((change) => {
      if (change.type === 'cleared') {
        for (const reader of this.#readers)
          reader.clearedUpTo = Math.max(reader.clearedUpTo ?? 0, change.upTo);
      }
      this.#schedule();
    });
    this.#heartbeat = setInterval(() => this.#beat(), this.#options.heartbeatMs);
    this.#heartbeat.unref();
  }

  faultsChanged(): void {
    for (const reader of this.#readers) reader.areFaultsNew = true;
    this.#schedule();
  }

  get isFull(): boolean {
    return this.#readers.size >= MAX_READERS;
  }

  open(res: ServerResponse, after: Place): void {
    res.setHeader('content-type', 'text/event-stream; charset=utf-8');
    res.write('retry: 1000\n\n');
    // What a page has of another epoch was forgotten, and numbers there mean other entries.
    const isElsewhere = after.seq > 0 && after.epoch !== this.#store.epoch;
    const reader: Reader = {
      res,
      seq: isElsewhere ? 0 : after.seq,
      clearedUpTo: isElsewhere ? after.seq : undefined,
      areFaultsNew: true,
      stalledSince: undefined,
    };
    this.#readers.add(reader);
    res.on('drain', () => {
      reader.stalledSince = undefined;
      this.#send(reader);
    });
    res.on('close', () => this.#readers.delete(reader));
    this.#send(reader);
  }

  close(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#gathering);
    for (const { res } of this.#readers) res.destroy();
  }

  #schedule(): void {
    if (this.#readers.size === 0) return;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      for (const reader of this.#readers) this.#send(reader);
    }, this.#options.gatherMs).unref();
  }

  /** As much as the reader takes now; the rest once it has taken that. */
  #send(reader: Reader): void {
    const { res } = reader;
    const put = (event: string, data: unknown) => {
      const id = `${this.#store.epoch}-${reader.seq}`;
      res.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    };
    while (!res.writableNeedDrain && !res.destroyed) {
      if (reader.clearedUpTo !== undefined) {
        put('cleared', { upTo: reader.clearedUpTo });
        reader.clearedUpTo = undefined;
      } else if (reader.areFaultsNew) {
        put('faults', this.#faults());
        reader.areFaultsNew = false;
      } else {
        const entries = this.#store.after(reader.seq, ENTRIES_PER_MESSAGE).map(({ summary }) => summary);
        const last = entries.at(-1);
        if (!last) return;
        reader.seq = last.seq;
        put('entries', entries);
      }
    }
    if (res.writableNeedDrain) reader.stalledSince ??= Date.now();
  }

  #beat(): void {
    for (const { res, stalledSince } of this.#readers) {
      if (stalledSince !== undefined && Date.now() - stalledSince >= this.#options.stallMs) res.destroy();
      else if (stalledSince === undefined) res.write(': \n\n');
    }
  }
}
