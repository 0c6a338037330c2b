import type { JSX } from 'preact';

const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\btrue\b|\bfalse\b|\bnull\b/g;
/** Beyond it the text is shown without colours, so that the page stays quick. */
const MAX_TOKENS = 4_000;

/** JSON in colours, or whatever text came: text nodes only. */
export function Payload({ text }: { readonly text: string }): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: so that it can be scrolled with the keys.
    <section class="payload" tabIndex={0} aria-label="Payload">
      <pre>
        <code>{coloured(text)}</code>
      </pre>
    </section>
  );
}

function coloured(text: string): readonly (JSX.Element | string)[] {
  const parts: (JSX.Element | string)[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (parts.length > MAX_TOKENS) break;
    const [token, colon] = match;
    const word = colon === undefined ? token : token.slice(0, -colon.length);
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(<span class={`json-${kindOf(token, colon)}`}>{word}</span>);
    end = match.index + word.length;
  }
  parts.push(text.slice(end));
  return parts;
}

function kindOf(token: string, colon: string | undefined): string {
  if (colon !== undefined) return 'key';
  if (token.startsWith('"')) return 'text';
  return /^[-\d]/.test(token) ? 'number' : 'word';
}
