import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icons.tsx';
import { changeParams, isDevelopment, modeParam } from './route.ts';

/** What is said aloud by screen readers, and shown for a moment. */
const said = signal('');
let saidTimer: number | undefined;

export function say(text: string): void {
  said.value = text;
  clearTimeout(saidTimer);
  saidTimer = setTimeout(() => {
    said.value = '';
  }, 4_000);
}

export function Said(): JSX.Element {
  return <output class={said.value ? 'said is-shown' : 'said'}>{said.value}</output>;
}

export function IconButton(props: {
  readonly icon: IconName;
  readonly label: string;
  /** Shown where there is room. */
  readonly words?: string;
  readonly onClick: () => void;
}): JSX.Element {
  const { icon, label, words, onClick } = props;
  return (
    <button
      type="button"
      class={words === undefined ? 'icon-button' : 'icon-button with-words'}
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      <Icon name={icon} />
      {words !== undefined && <span aria-hidden="true">{words}</span>}
    </button>
  );
}

export function CopyButton(props: {
  readonly label: string;
  readonly text: () => string;
  readonly class?: string;
}): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async (): Promise<void> => {
    const isDone = await copied(props.text());
    setCopied(isDone);
    say(isDone ? 'Copied.' : 'The browser did not allow copying.');
  };
  return (
    <button type="button" class={props.class ?? 'button'} onClick={() => void copy()}>
      <Icon name={isCopied ? 'done' : 'copy'} />
      <span>{props.label}</span>
    </button>
  );
}

/** The clipboard's own interface is there only on this machine and over HTTPS. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    (document.querySelector('dialog[open]') ?? document.body).append(area);
    area.select();
    const isDone = document.execCommand('copy');
    area.remove();
    return isDone;
  }
}

export function Dialog(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => ref.current?.showModal(), []);
  return (
    <dialog ref={ref} class="dialog" aria-labelledby="dialog-title" onClose={props.onClose}>
      <div class="dialog-head">
        <h2 id="dialog-title">{props.title}</h2>
        <IconButton icon="close" label="Close" onClick={() => ref.current?.close()} />
      </div>
      {props.children}
    </dialog>
  );
}

export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'fault' | 'accent';

export function Badge({
  tone,
  children,
}: {
  readonly tone: Tone;
  readonly children: ComponentChildren;
}): JSX.Element {
  return <span class={`badge is-${tone}`}>{children}</span>;
}

export function Empty(props: { readonly title: string; readonly children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}

/** Production or development: Vero keeps the two apart. */
export function ModeSelect(): JSX.Element {
  return (
    <label class="field">
      <span>Mode</span>
      <select
        value={isDevelopment() ? 'development' : 'production'}
        onChange={({ currentTarget }) => changeParams(modeParam(currentTarget.value === 'development'))}
      >
        <option value="production">Production</option>
        <option value="development">Development</option>
      </select>
    </label>
  );
}
