import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { EntrySummary, Preview } from '../../src/page-contract.ts';
import { type Asked, post, textOf } from './api.ts';
import { Empty } from './controls.tsx';
import { changes, entries, isLoaded } from './feed.ts';
import { when } from './format.ts';
import { changeParams, route } from './route.ts';
import { TemplateEditor } from './template-editor.tsx';
import { TemplateNames } from './template-names.tsx';

const DEBOUNCE_MS = 150;
const MAX_CHOICES = 60;

const EXAMPLES: readonly string[] = [
  'Hi {{user.name}}, still thinking about {{event.item_name}}?',
  'Hello {{user.name | default: "there"}}, thanks for joining.',
  '{% if event.item_price > 30 %}Free delivery on {{event.item_name}}!{% else %}Add a little more for free delivery.{% endif %}',
];

/** Kept while one looks at other views. */
const written = { template: EXAMPLES[0] ?? '' };

export function TemplatesView(): JSX.Element {
  void changes.value;
  const template = useSignal(written.template);
  const editor = useRef<HTMLTextAreaElement>(null);
  const asked = Number(route.value.params.get('seq')) || null;
  const choices = choicesWith(asked);
  // One with data says more of what a template can do.
  const chosen =
    choices.find(({ seq }) => seq === asked) ?? choices.find(({ preview }) => preview !== '') ?? choices[0];
  const { data, error } = usePreview(template.value, chosen?.seq ?? null);
  const write = (text: string): void => {
    written.template = text;
    template.value = text;
  };
  const insert = (name: string): void => {
    const area = editor.current;
    if (!area) return;
    area.focus();
    area.setRangeText(`{{${name}}}`, area.selectionStart, area.selectionEnd, 'end');
    write(area.value);
  };
  if (isLoaded.value && choices.length === 0) {
    return (
      <Empty title="A template needs an event">
        <p>
          See what an e-mail such as <code>{EXAMPLES[0]}</code> would say to your user.{' '}
          <a href="#/feed">Send a first event</a>
        </p>
      </Empty>
    );
  }
  return (
    <div class="page-view templates">
      <section class="card" aria-label="Template">
        <label class="field is-wide">
          <span>For the event</span>
          <select
            value={chosen?.seq ?? ''}
            onChange={({ currentTarget }) => changeParams({ seq: currentTarget.value })}
          >
            {choices.map((entry) => (
              <option key={entry.seq} value={entry.seq}>
                {choiceWords(entry)}
              </option>
            ))}
          </select>
        </label>
        <TemplateEditor
          editor={editor}
          value={template.value}
          undefinedNames={data?.undefinedNames ?? []}
          onInput={write}
        />
      </section>
      <section class="card result" aria-label="Result">
        <h2 class="card-title">What they would read</h2>
        <Result preview={data} error={error} />
        {chosen && <TemplateNames entry={chosen} onChoose={insert} />}
      </section>
      <section class="examples" aria-label="Examples">
        <h3>Examples</h3>
        <ul>
          {EXAMPLES.map((example) => (
            <li key={example}>
              <button type="button" class="example" onClick={() => write(example)}>
                {example}
              </button>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

function Result({
  preview,
  error,
}: {
  readonly preview: Preview | undefined;
  readonly error: string | undefined;
}): JSX.Element {
  const problem = error ?? preview?.error ?? null;
  const undefinedNames = preview?.undefinedNames ?? [];
  return (
    <>
      {problem === null ? (
        <output class="rendered">
          {preview?.output === '' ? <span class="hint">Nothing: the result is empty.</span> : preview?.output}
        </output>
      ) : (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {undefinedNames.length > 0 && (
        <div class="undefined">
          <strong>Not known for this event:</strong>{' '}
          {undefinedNames.map((name) => (
            <code key={name}>{name}</code>
          ))}
          <span> {undefinedNames.length === 1 ? 'It comes' : 'They come'} out empty.</span>
        </div>
      )}
    </>
  );
}

/** Recent events, newest first; and the one that was asked for, however old. */
function choicesWith(asked: number | null): readonly EntrySummary[] {
  const choices: EntrySummary[] = [];
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const entry = entries[index];
    if (entry?.kind !== 'event' && entry?.kind !== 'duplicate') continue;
    if (choices.length < MAX_CHOICES || entry.seq === asked) choices.push(entry);
  }
  return choices;
}

function choiceWords({ name, email, userId, at, seq }: EntrySummary): string {
  return `${cut(name)} · ${cut(email ?? userId ?? '?')} · ${when(at)} · no. ${seq}`;
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function usePreview(template: string, seq: number | null): Asked<Preview> {
  const [asked, setAsked] = useState<Asked<Preview>>({ data: undefined, error: undefined });
  useEffect(() => {
    if (seq === null) return;
    const leaving = new AbortController();
    const timer = setTimeout(() => {
      post<Preview>('preview', { template, seq }, leaving.signal).then(
        (data) => setAsked({ data, error: undefined }),
        (error: unknown) => !leaving.signal.aborted && setAsked({ data: undefined, error: textOf(error) }),
      );
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [template, seq]);
  return asked;
}
