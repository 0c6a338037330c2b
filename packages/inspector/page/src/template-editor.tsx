import type { JSX, RefObject } from 'preact';
import { useRef } from 'preact/hooks';

const TAG = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;
/** Beyond it nothing is marked, so that typing stays quick. */
const MAX_MARKED = 20_000;

/** A field whose undefined names are marked: the marks lie behind it, in the same letters. */
export function TemplateEditor(props: {
  readonly editor: RefObject<HTMLTextAreaElement | null>;
  readonly value: string;
  readonly undefinedNames: readonly string[];
  readonly onInput: (text: string) => void;
}): JSX.Element {
  const behind = useRef<HTMLDivElement>(null);
  return (
    <div class="editor">
      <div class="editor-marks" ref={behind} aria-hidden="true">
        {marked(props.value, props.undefinedNames)}{' '}
      </div>
      <textarea
        ref={props.editor}
        data-search
        aria-label="Template in Liquid"
        spellcheck={false}
        rows={8}
        value={props.value}
        onInput={({ currentTarget }) => props.onInput(currentTarget.value)}
        onScroll={({ currentTarget }) => behind.current?.scrollTo(0, currentTarget.scrollTop)}
      />
    </div>
  );
}

function marked(template: string, names: readonly string[]): readonly (JSX.Element | string)[] {
  if (names.length === 0 || template.length > MAX_MARKED) return [template];
  const parts: (JSX.Element | string)[] = [];
  let end = 0;
  for (const { index, length } of namesIn(template, names)) {
    parts.push(template.slice(end, index), <mark>{template.slice(index, index + length)}</mark>);
    end = index + length;
  }
  return [...parts, template.slice(end)];
}

/** Where one of the names stands within a tag. */
function* namesIn(template: string, names: readonly string[]): Generator<{ index: number; length: number }> {
  const wanted = new Set(names);
  for (const { 0: tag, index } of template.matchAll(TAG)) {
    for (const name of tag.matchAll(/[\p{L}_][\p{L}\p{N}_.-]*/gu)) {
      if (wanted.has(name[0])) yield { index: index + name.index, length: name[0].length };
    }
  }
}
