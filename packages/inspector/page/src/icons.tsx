import type { JSX } from 'preact';

/** Drawn with lines on 20 × 20; always beside a text, or in a button with a label. */
const PATHS = {
  feed: 'M3 5h14M3 10h14M3 15h9',
  people: 'M10 10a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM3.8 16.6c.6-3 3.2-4.6 6.2-4.6s5.6 1.6 6.2 4.6',
  chart: 'M4 16.5V10M8 16.5V4M12 16.5v-8M16 16.5V7',
  templates:
    'M7.5 3.5c-2.5 0-1.5 3-1.5 4.5S4.5 10 3.5 10c1 0 2.5.5 2.5 2s-1 4.5 1.5 4.5M12.5 3.5c2.5 0 1.5 3 1.5 4.5s1.5 2 2.5 2c-1 0-2.5.5-2.5 2s1 4.5-1.5 4.5',
  triggers: 'M11 2.5 4.5 11.5H10L9 17.5l6.5-9H10Z',
  faults: 'M10 3.2 17.5 16.5h-15ZM10 8v4M10 14.3v.2',
  close: 'M5 5l10 10M15 5 5 15',
  search: 'M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM13.2 13.2 17 17',
  pause: 'M7 4.5v11M13 4.5v11',
  play: 'M6.5 4 15.5 10l-9 6Z',
  up: 'M10 16V4.5M5 9l5-5 5 5',
  copy: 'M7.5 7.5h9v9h-9ZM4 12.5H3.5v-9h9V4',
  done: 'M4 10.5 8.2 15 16 5.5',
  download: 'M10 3.5V13M5.5 9 10 13.5 14.5 9M3.5 16.5h13',
  upload: 'M10 13V3.5M5.5 8 10 3.5 14.5 8M3.5 16.5h13',
  trash: 'M3.5 5.5h13M8 5.5v-2h4v2M5.5 5.5l.8 11h7.400l.8-11',
  help: 'M7.5 7.5c0-3.5 5-3.5 5-.3 0 2-2.5 2.3-2.5 4.5M10 14.8v.2',
  filter: 'M3 5h14M5.5 10h9M8 15h4',
  back: 'M12 4.5 6.5 10l5.5 5.5',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
