import type { JSX } from 'preact';
import { Dialog } from './controls.tsx';

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'Search or filter'],
  ['j', 'Next event (or ↓)'],
  ['k', 'Previous event (or ↑)'],
  ['Enter', 'Open the event'],
  ['Esc', 'Close it'],
  ['p', 'Pause or resume the feed'],
  ['?', 'This help'],
];

const VIEWS: readonly (readonly [string, string])[] = [
  ['Feed', 'every request your servers send, as it comes'],
  ['People', 'what is known of each user, and what they did'],
  ['Chart', 'how often each event happened'],
  ['Templates', 'what an e-mail would say for an event'],
  ['Triggers', 'whom a campaign would reach'],
  ['Faults', 'make this Vero fail, and see how your app copes'],
];

export function Help({ onClose }: { readonly onClose: () => void }): JSX.Element {
  return (
    <Dialog title="Help" onClose={onClose}>
      <p>
        This is a local Vero. Point your app at <code>{location.origin}</code> and what it tracks shows up
        here. Nothing leaves your machine, and no e-mail is sent.
      </p>
      <dl class="pairs">
        {VIEWS.map(([name, what]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <h3>Keys</h3>
      <dl class="pairs is-keys">
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
