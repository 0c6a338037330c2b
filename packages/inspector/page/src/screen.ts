import { type ReadonlySignal, signal } from '@preact/signals';

/** The same width as in the style sheets. */
const narrow = matchMedia('(max-width: 760px)');
const isNarrowNow = signal(narrow.matches);
narrow.addEventListener('change', ({ matches }) => {
  isNarrowNow.value = matches;
});

/** A phone, or a window as narrow. */
export const isNarrow: ReadonlySignal<boolean> = isNarrowNow;
