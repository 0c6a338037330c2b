import type { JSX } from 'preact';
import type { EntrySummary } from '../../src/page-contract.ts';
import { badgesOf } from './badges.ts';
import { Badge } from './controls.tsx';
import { fullTime, when } from './format.ts';

/** What a line of the feed, or of a timeline, says. Of equal height for all. */
export function EntryLine({ entry }: { readonly entry: EntrySummary }): JSX.Element {
  const who = entry.email ?? entry.userId;
  return (
    <>
      <time class="line-time" dateTime={new Date(entry.at).toISOString()} title={fullTime(entry.at)}>
        {when(entry.at)}
      </time>
      <span class={`line-name${entry.name ? '' : ' is-none'}`} title={entry.name}>
        {entry.name || 'unreadable'}
      </span>
      <span class="line-user" title={who ?? ''}>
        {who ?? '–'}
      </span>
      <span class={`line-preview${entry.message === null ? '' : ' is-refusal'}`}>
        {entry.message ?? entry.preview}
      </span>
      <span class="line-end">
        {badgesOf(entry).map(({ text, tone }) => (
          <Badge key={text} tone={tone}>
            {text}
          </Badge>
        ))}
        {entry.source !== null && (
          <span class="line-source" title={entry.source}>
            {entry.source}
          </span>
        )}
      </span>
    </>
  );
}
