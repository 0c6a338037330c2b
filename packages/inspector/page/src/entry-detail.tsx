import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Entry } from '../../src/page-contract.ts';
import { ask, textOf } from './api.ts';
import { badgesOf } from './badges.ts';
import { Badge, CopyButton, IconButton } from './controls.tsx';
import { fullTime, span } from './format.ts';
import { Payload } from './payload.tsx';
import { changeParams, hrefTo, modeParam } from './route.ts';
import { isNarrow } from './screen.ts';

/** One request with everything that is known of it. On a phone it covers the page. */
export function EntryDetail({
  seq,
  onClose,
}: {
  readonly seq: number;
  readonly onClose: () => void;
}): JSX.Element {
  const [entry, setEntry] = useState<Entry | string | undefined>();
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isNarrow.value) ref.current?.focus();
  }, []);
  useEffect(() => {
    const leaving = new AbortController();
    ask<Entry>(`entries/${seq}`, { signal: leaving.signal }).then(setEntry, (error: unknown) => {
      if (!leaving.signal.aborted) setEntry(textOf(error));
    });
    return () => leaving.abort();
  }, [seq]);
  return (
    <aside class="detail" aria-label="Event" tabIndex={-1} ref={ref}>
      <div class="detail-head">
        <h2 title={typeof entry === 'object' ? entry.name : ''}>
          {typeof entry === 'object' ? entry.name || 'Unreadable' : `Request ${seq}`}
        </h2>
        <IconButton icon="close" label="Close" onClick={onClose} />
      </div>
      {typeof entry === 'string' && <p class="problem">{entry}</p>}
      {typeof entry === 'object' && <Known entry={entry} />}
    </aside>
  );
}

function Known({ entry }: { readonly entry: Entry }): JSX.Element {
  const { kind, message, issues, userId, developmentMode } = entry;
  const problems = issues.length > 0 ? issues : message === null ? [] : [message];
  const isEvent = kind === 'event' || kind === 'duplicate';
  const badges = badgesOf(entry);
  return (
    <div class="detail-body" tabIndex={-1}>
      <div class="detail-badges">
        {badges.map(({ text, tone, title }) => (
          <span key={text} title={title}>
            <Badge tone={tone}>{text}</Badge>
          </span>
        ))}
        {badges.length === 0 && <Badge tone="good">taken</Badge>}
      </div>
      {problems.length > 0 && (
        <section class="issues">
          <h3>What is wrong with it</h3>
          <ul>
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </section>
      )}
      <div class="detail-actions">
        <CopyButton label="Copy as curl" text={() => entry.curl} />
        <CopyButton label="Copy JSON" text={() => entry.body} />
        {isEvent && (
          <a class="button" href={hrefTo('templates', null, { seq: entry.seq })}>
            Use in template
          </a>
        )}
        {entry.name !== '' && (
          <button
            type="button"
            class="button"
            onClick={() => changeParams({ event: entry.foldedName || entry.name })}
          >
            Only this event
          </button>
        )}
      </div>
      <Facts entry={entry} />
      {userId !== null && kind !== 'refused' && kind !== 'fault' && (
        <p>
          <a href={hrefTo('people', userId, modeParam(developmentMode))}>
            See everything about {entry.email ?? userId}
          </a>
        </p>
      )}
      <h3>Payload</h3>
      <Payload text={entry.body} />
    </div>
  );
}

function Facts({ entry }: { readonly entry: Entry }): JSX.Element {
  const { at, happenedAt, status, attempt, credential, source, userId, email } = entry;
  const facts: readonly (readonly [string, string | null])[] = [
    ['User', [userId, email === userId ? null : email].filter(Boolean).join(' · ') || null],
    ['Received', fullTime(at)],
    [
      'Happened',
      happenedAt === null
        ? null
        : `${fullTime(happenedAt)} (${span(at - happenedAt)} ${happenedAt < at ? 'earlier' : 'later'})`,
    ],
    ['Request', `${entry.method} ${entry.path}`],
    ['Answer', status === null ? 'none' : String(status)],
    ['Attempt', attempt > 1 ? String(attempt) : null],
    ['Source', source],
    ['Credential', credential ?? 'none'],
  ];
  return (
    <dl class="facts">
      {facts.map(
        ([name, value]) =>
          value !== null && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
