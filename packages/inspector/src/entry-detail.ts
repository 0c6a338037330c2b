import type { Kept } from './entry.ts';
import type { Entry } from './page-contract.ts';
import { isPlaceholder, MAX_SHOWN_CHARACTERS } from './payload.ts';
import { prettyJson } from './pretty-json.ts';

/** Longer ones are not in a command: shells have a limit. */
const MAX_IN_COMMAND = 64 * 1024;
/** To a terminal these are more than text, even between quotes. */
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const PLACEHOLDER = 'YOUR_AUTH_TOKEN';

/** An entry with everything that is known of it. */
export function entryOf({ summary, draft }: Kept, url: string): Entry {
  const { body, text, credential, issues } = draft;
  return {
    ...summary,
    body: body ? prettyJson(body, MAX_SHOWN_CHARACTERS) : text,
    credential,
    curl: curlOf({ summary, draft }, url),
    issues,
  };
}

/** A command that sends it again. Whatever came, it is one command and no more. */
function curlOf({ summary, draft }: Pick<Kept, 'summary' | 'draft'>, url: string): string {
  // `-g` and `--data-raw`: brackets in the path and a leading @ mean themselves, too.
  const target = `curl -g -X ${quote(summary.method)} ${quote(url + summary.path)}`;
  if (!draft.body && draft.text === '') return target;
  const json = draft.body && escapeControls(JSON.stringify({ auth_token: PLACEHOLDER, ...draft.body }));
  const sent = json ?? draft.text;
  // Of a text that is no JSON a control character can't be written in another way.
  const isText = json !== undefined || (sent.search(CONTROL) < 0 && !isPlaceholder(sent));
  const fits = isText && sent.length <= MAX_IN_COMMAND;
  const data = fits ? `--data-raw ${quote(sent)}` : '--data-binary @body.json';
  return `${target} \\\n  -H 'content-type: application/json' \\\n  ${data}`;
}

function escapeControls(json: string): string {
  return json.replaceAll(CONTROL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function quote(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
