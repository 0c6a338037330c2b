import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventLog } from './event-log.ts';
import type { Faults } from './faults.ts';
import { Feed } from './feed.ts';
import { checkHost } from './guard.ts';
import { answerPreflight, isPreflight, setPageHeaders, setTrackHeaders } from './headers.ts';
import { pathOf, readBody, sendJson } from './http.ts';
import type { Settings } from './options.ts';
import { PAGE_API, PageApi } from './page-api.ts';
import type { InspectorState } from './page-contract.ts';
import { PageFiles } from './page-files.ts';
import { attempt, Refusal } from './refusal.ts';
import type { Store } from './store.ts';
import { TrackApi } from './track-api.ts';

interface Parts {
  readonly url: string;
  readonly settings: Settings;
  readonly log: EventLog;
  readonly store: Store;
  readonly faults: Faults;
}

/** Besides `/`: what the page's HTML asks for. */
const PAGE_FILE = /^\/(assets\/.*|[\w-]+\.(?:svg|ico|png|webmanifest))$/;

/** Sends each request to who answers it: the Track API, the page, or what the page asks. */
export class Router {
  readonly feed: Feed;
  readonly #parts: Parts;
  readonly #trackApi: TrackApi;
  readonly #pageApi: PageApi;
  readonly #pageFiles: PageFiles = new PageFiles();

  constructor(parts: Parts) {
    const { settings, log, store, faults } = parts;
    this.#parts = parts;
    this.feed = new Feed(store, () => faults.states());
    this.#trackApi = new TrackApi(settings, log, store, faults);
    this.#pageApi = new PageApi({
      store,
      faults,
      feed: this.feed,
      state: () => this.#state(),
      clear: () => this.clear(),
    });
  }

  async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = pathOf(req);
    const isRead = req.method === 'GET' || req.method === 'HEAD';
    if (path.startsWith('/_/')) return await this.#forPage(req, res, () => this.#api(req, res));
    if (isRead && (path === '/' || PAGE_FILE.test(path))) {
      const isHead = req.method === 'HEAD';
      return await this.#forPage(req, res, () => this.#pageFiles.send(res, path, isHead));
    }
    const refused = attempt(() => this.#checkTrackHost(req));
    if (!refused && path.startsWith('/api/v2/')) {
      setTrackHeaders(res);
      if (isPreflight(req)) return answerPreflight(res);
    }
    await this.#trackApi.handle(req, res, refused);
  }

  clear(): void {
    const { log, store } = this.#parts;
    log.clear();
    this.#trackApi.clear();
    store.clear();
  }

  close(): Promise<void> {
    this.feed.close();
    return this.#pageApi.close();
  }

  async #forPage(req: IncomingMessage, res: ServerResponse, answer: () => Promise<void>): Promise<void> {
    setPageHeaders(res);
    try {
      checkHost(req.headers, this.#parts.settings);
      await answer();
    } catch (thrown) {
      if (!(thrown instanceof Refusal) || res.headersSent) throw thrown;
      // Who is still sending may not see the answer otherwise.
      await readBody(req, 0);
      for (const [name, value] of Object.entries(thrown.headers)) res.setHeader(name, value);
      sendJson(res, thrown.status, { message: thrown.message });
    }
  }

  async #api(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (!pathOf(req).startsWith(PAGE_API))
      throw new Refusal(404, `Not found: what the page asks is at ${PAGE_API}.`);
    await this.#pageApi.handle(req, res);
  }

  /** The API alone shows nothing of what was received: where others may reach it, it needs no names. */
  #checkTrackHost({ headers }: IncomingMessage): undefined {
    const { settings } = this.#parts;
    if (settings.isLocal || settings.allowHosts) checkHost(headers, settings);
  }

  #state(): InspectorState {
    const { url, settings, store, faults } = this.#parts;
    return {
      url,
      maxEvents: settings.maxEvents,
      dedupeWindowMs: settings.dedupeMs ?? null,
      database: settings.database ?? null,
      total: store.total,
      faults: faults.states(),
    };
  }
}
