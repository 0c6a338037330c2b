import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { ChartView } from './chart-view.tsx';
import { IconButton, Said } from './controls.tsx';
import { DataActions } from './data-actions.tsx';
import { FaultBanner } from './fault-banner.tsx';
import { FaultsView } from './faults-view.tsx';
import { connection } from './feed.ts';
import { FeedView } from './feed-view.tsx';
import { Help } from './help.tsx';
import { Icon } from './icons.tsx';
import { isTyping } from './keyboard.ts';
import { PeopleView } from './people-view.tsx';
import { feedHref, hrefTo, route, VIEWS, type View } from './route.ts';
import { isNarrow } from './screen.ts';
import { TemplatesView } from './templates-view.tsx';
import { TriggersView } from './triggers-view.tsx';
import { ViewBoundary } from './view-boundary.tsx';

const SHOWN: Readonly<Record<View, { readonly title: string; readonly Content: () => JSX.Element }>> = {
  feed: { title: 'Feed', Content: FeedView },
  people: { title: 'People', Content: PeopleView },
  chart: { title: 'Chart', Content: ChartView },
  templates: { title: 'Templates', Content: TemplatesView },
  triggers: { title: 'Triggers', Content: TriggersView },
  faults: { title: 'Faults', Content: FaultsView },
};

export function App(): JSX.Element {
  const { view, params } = route.value;
  // On a phone an event covers everything else.
  const isCovered = isNarrow.value && view === 'feed' && params.has('seq');
  const { title, Content } = SHOWN[view];
  const isHelpOpen = useSignal(false);
  useEffect(() => {
    document.title = `${title} – Vero inspector`;
  }, [title]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isTyping(event)) return;
      if (event.key === '?') isHelpOpen.value = true;
      const search = document.querySelector<HTMLElement>('[data-search]');
      if (event.key === '/' && search) {
        event.preventDefault();
        search.focus();
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [isHelpOpen]);
  return (
    <>
      <header class="top" inert={isCovered}>
        <a class="brand" href="#/feed" aria-label="Vero inspector: the feed">
          <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <rect width="32" height="32" rx="8" />
            <path d="M8 10l8 13 8-13" />
          </svg>
          <span>Vero inspector</span>
        </a>
        <nav class="views" aria-label="Views">
          {VIEWS.map((each) => (
            <a
              key={each}
              href={each === 'feed' ? feedHref.value : hrefTo(each)}
              aria-current={each === view ? 'page' : undefined}
            >
              <Icon name={each} />
              <span>{SHOWN[each].title}</span>
            </a>
          ))}
        </nav>
        <div class="top-end">
          <Connection />
          <DataActions />
          <IconButton icon="help" label="Help and keys" onClick={() => (isHelpOpen.value = true)} />
        </div>
      </header>
      <FaultBanner />
      <main class={`main is-${view}`}>
        <h1 class="unseen">{title}</h1>
        <ViewBoundary key={view}>
          <Content />
        </ViewBoundary>
      </main>
      <Said />
      {isHelpOpen.value && <Help onClose={() => (isHelpOpen.value = false)} />}
    </>
  );
}

function Connection(): JSX.Element {
  const words = { connecting: 'Connecting', live: 'Live', reconnecting: 'Reconnecting' }[connection.value];
  return (
    <span
      class={`connection is-${connection.value}`}
      title={`The connection to the inspector: ${words.toLowerCase()}`}
    >
      {words}
    </span>
  );
}
