import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { CopyButton, say } from './controls.tsx';
import { EXAMPLE, snippets } from './snippets.ts';

/** What a page without events teaches: where to send one. */
export function FirstSteps(): JSX.Element {
  const all = snippets(location.origin);
  const chosen = useSignal(0);
  const { code = '' } = all[chosen.value] ?? {};
  return (
    <div class="first">
      <p class="first-wait">
        <span class="pulse" aria-hidden="true" /> Waiting for the first event
      </p>
      <h2>Point your app here</h2>
      <p class="first-lead">
        This is a local Vero. Every event that your servers track shows up on this page, live. Nothing leaves
        your machine.
      </p>
      <div class="address">
        <code>{location.origin}</code>
        <CopyButton label="Copy" text={() => location.origin} class="button is-small" />
      </div>
      <div class="snippet">
        <div class="snippet-head">
          <div class="tabs" role="tablist" aria-label="Your framework">
            {all.map(({ name }, index) => (
              <button
                key={name}
                type="button"
                role="tab"
                id={`tab-${index}`}
                aria-controls="snippet"
                aria-selected={chosen.value === index}
                tabIndex={chosen.value === index ? 0 : -1}
                onClick={() => (chosen.value = index)}
                onKeyDown={({ key, currentTarget }) => {
                  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
                  if (step === undefined) return;
                  chosen.value = (index + step + all.length) % all.length;
                  const tabs = currentTarget.parentElement?.children;
                  (tabs?.[chosen.value] as HTMLElement | undefined)?.focus();
                }}
              >
                {name}
              </button>
            ))}
          </div>
          <CopyButton label="Copy" text={() => code} class="button is-small" />
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: so that it can be scrolled with the keys. */}
        <pre id="snippet" role="tabpanel" tabIndex={0} aria-labelledby={`tab-${chosen.value}`}>
          <code>{code}</code>
        </pre>
      </div>
      <p class="first-try">
        No app at hand?{' '}
        <button type="button" class="link-button" onClick={() => void sendExample()}>
          Send an example event
        </button>
      </p>
    </div>
  );
}

/** As an app would send it. */
async function sendExample(): Promise<void> {
  try {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(EXAMPLE);
    const response = await fetch('/api/v2/events/track', { method: 'POST', headers, body });
    say(response.ok ? 'The example event was sent.' : `It was answered ${response.status}: see the feed.`);
  } catch {
    say('The example got no answer.');
  }
}
