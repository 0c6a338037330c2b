import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { chartOf } from './chart.ts';
import { entryOf } from './entry-detail.ts';
import type { Faults } from './faults.ts';
import type { Feed } from './feed.ts';
import { checkSameOrigin } from './guard.ts';
import { pathOf, queryOf, readBody, sendJson } from './http.ts';
import type { InspectorState, Person, Preview } from './page-contract.ts';
import { bad, mode, toFault, toPlace, toPreview, toTrigger, whole } from './page-requests.ts';
import { Previewer } from './preview.ts';
import { Refusal } from './refusal.ts';
import type { Store } from './store.ts';
import { timelineOf } from './timeline.ts';
import { exportLines, importLines } from './transfer.ts';
import { triggerOf } from './trigger.ts';
import { isObject } from './values.ts';

export const PAGE_API = '/_/api/';

/** What the page shows and does. */
export interface PageContext {
  readonly store: Store;
  readonly faults: Faults;
  readonly feed: Feed;
  readonly state: () => InspectorState;
  readonly clear: () => void;
}

type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<void> | void;

const MAX_BODY_BYTES = 1_048_576;
const MAX_PEOPLE = 500;
const MAX_MINUTES: number = 60 * 24 * 366;
const JSON_TYPE = 'application/json';
const NDJSON_TYPE = 'application/x-ndjson';

/** Answers the page, and nobody else. */
export class PageApi {
  readonly #context: PageContext;
  readonly #previewer: Previewer = new Previewer();
  readonly #handlers: ReadonlyMap<string, Handler>;

  constructor(context: PageContext) {
    this.#context = context;
    const { store } = context;
    this.#handlers = new Map<string, Handler>([
      ['GET state', (_req, res) => sendJson(res, 200, context.state())],
      ['GET feed', (req, res) => this.#feed(req, res)],
      [
        'GET people',
        (req, res) => sendJson(res, 200, store.people.find(queryOf(req).get('text') ?? '', MAX_PEOPLE)),
      ],
      ['GET person', (req, res) => sendJson(res, 200, this.#person(queryOf(req)))],
      ['GET chart', (req, res) => this.#chart(queryOf(req), res)],
      ['GET export', (_req, res) => this.#export(res)],
      ['POST import', (req, res) => this.#import(req, res)],
      ['POST preview', async (req, res) => sendJson(res, 200, await this.#preview(await this.#json(req)))],
      [
        'POST trigger',
        async (req, res) => {
          const request = toTrigger(await this.#json(req));
          sendJson(res, 200, triggerOf(store.entries(), store.people, request, Date.now()));
        },
      ],
      ['POST faults', async (req, res) => this.#beginFault(await this.#json(req), res)],
      [
        'POST clear',
        async (req, res) => {
          await this.#json(req);
          context.clear();
          sendJson(res, 200, {});
        },
      ],
    ]);
  }

  /** @throws {Refusal} */
  async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const route = pathOf(req).slice(PAGE_API.length);
    const isRead = req.method === 'GET';
    const types = isRead ? [] : route === 'import' ? [NDJSON_TYPE, JSON_TYPE] : [JSON_TYPE];
    checkSameOrigin(req.headers, types);
    const handler = this.#handlers.get(`${req.method} ${route}`);
    if (handler) return await handler(req, res);
    const [, collection, id = ''] = /^(entries|faults)\/(\d+)$/.exec(route) ?? [];
    if (collection === 'entries' && isRead) return this.#entry(Number(id), res);
    if (collection === 'faults' && req.method === 'DELETE') return this.#endFault(id, res);
    throw new Refusal(404, "Not found: the inspector's page has no such request.");
  }

  close(): Promise<void> {
    return this.#previewer.close();
  }

  #feed(req: IncomingMessage, res: ServerResponse): void {
    const { feed } = this.#context;
    if (feed.isFull) throw new Refusal(503, 'There are too many pages open: close one.');
    // A browser that lost the connection asks for the same address again, and says how far it got.
    const after = req.headers['last-event-id'] ?? queryOf(req).get('after') ?? '0';
    feed.open(res, toPlace(String(after)));
  }

  #entry(seq: number, res: ServerResponse): void {
    const { store, state } = this.#context;
    const entry = store.get(seq);
    if (!entry) throw new Refusal(404, 'There is no such entry, or it was forgotten.');
    sendJson(res, 200, entryOf(entry, state().url));
  }

  #person(query: URLSearchParams): Person {
    const { store } = this.#context;
    const developmentMode = mode(query.get('developmentMode')) ?? false;
    const profile = store.people.get(query.get('id') ?? '', developmentMode);
    if (!profile) throw new Refusal(404, 'There is no such person, or they were deleted or forgotten.');
    const sources = [...profile.attributes].map(([name, { at, seq }]) => [name, { at, seq }] as const);
    return {
      ...profile.summary(),
      attributes: Object.fromEntries(profile.values()),
      attributeSources: Object.fromEntries(sources),
      formerIds: profile.formerIds,
      timeline: timelineOf(store, profile),
    };
  }

  #chart(query: URLSearchParams, res: ServerResponse): void {
    const minutes = whole('minutes', query.get('minutes') ?? '60', 1, MAX_MINUTES);
    const developmentMode = mode(query.get('developmentMode'));
    sendJson(res, 200, chartOf(this.#context.store.entries(), minutes, developmentMode, Date.now()));
  }

  async #export(res: ServerResponse): Promise<void> {
    res.setHeader('content-type', `${NDJSON_TYPE}; charset=utf-8`);
    res.setHeader('content-disposition', 'attachment; filename="verotrack-events.ndjson"');
    await pipeline(Readable.from(exportLines(this.#context.store), { highWaterMark: 1 }), res);
  }

  async #import(req: IncomingMessage, res: ServerResponse): Promise<void> {
    sendJson(res, 200, await importLines(req, this.#context.store));
  }

  async #preview(value: unknown): Promise<Preview> {
    const { template, seq } = toPreview(value);
    const { store } = this.#context;
    const entry = store.get(seq);
    if (!entry) throw new Refusal(404, 'There is no such event, or it was forgotten.');
    const { summary, draft } = entry;
    const profile = store.people.get(summary.userId ?? '', summary.developmentMode);
    const { identity, data } = draft.body ?? {};
    const user = profile ? Object.fromEntries(profile.values()) : isObject(identity) ? identity : {};
    return await this.#previewer.render(template, { user, event: isObject(data) ? data : {} });
  }

  #beginFault(value: unknown, res: ServerResponse): void {
    const { fault, count, forMs = 0 } = toFault(value);
    const { faults } = this.#context;
    try {
      const id = count === undefined ? faults.failFor(fault, forMs) : faults.failNext(fault, count);
      sendJson(
        res,
        200,
        faults.states().find((each) => each.id === id),
      );
    } catch (thrown) {
      throw bad((thrown as Error).message);
    }
  }

  #endFault(id: string, res: ServerResponse): void {
    if (!this.#context.faults.end(id)) throw new Refusal(404, 'There is no such fault: it is over.');
    sendJson(res, 200, {});
  }

  async #json(req: IncomingMessage): Promise<unknown> {
    const bytes = await readBody(req, MAX_BODY_BYTES);
    if (!bytes) throw new Refusal(413, `The body is larger than ${MAX_BODY_BYTES} bytes.`);
    if (bytes.length === 0) return {};
    try {
      return JSON.parse(bytes.toString());
    } catch {
      throw bad('the body is not JSON');
    }
  }
}
