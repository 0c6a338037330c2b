import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { eventNames, sources } from './feed.ts';
import { FILTER_NAMES } from './filter.ts';
import { fullTime, span } from './format.ts';
import { Icon } from './icons.tsx';
import { changeParams, route } from './route.ts';

const MINUTES: readonly (readonly [number, string])[] = [
  [5, 'Last 5 minutes'],
  [60, 'Last hour'],
  [1_440, 'Last 24 hours'],
];

export function clearFilters(): void {
  changeParams(Object.fromEntries(FILTER_NAMES.map((name) => [name, undefined])));
}

export function FilterBar(): JSX.Element {
  const { params } = route.value;
  const isOpen = useSignal(false);
  const isBetween = useSignal(params.has('from') || params.has('to'));
  const value = (name: string): string => params.get(name) ?? '';
  const onInput = (name: string) => (event: { readonly currentTarget: { readonly value: string } }) =>
    changeParams({ [name]: event.currentTarget.value });
  const onTime = (chosen: string): void => {
    isBetween.value = chosen === 'between';
    changeParams({ minutes: isBetween.value ? undefined : chosen, from: undefined, to: undefined });
  };
  return (
    <search class={`filters${isOpen.value ? ' is-open' : ''}`}>
      <label class="search-field">
        <Icon name="search" />
        <input
          type="search"
          data-search
          placeholder="Filter by any text"
          aria-label="Filter by any text"
          value={value('text')}
          onInput={onInput('text')}
          onKeyDown={({ key, currentTarget }) => {
            if (key === 'Escape' || key === 'Enter') currentTarget.blur();
          }}
        />
        <kbd>/</kbd>
      </label>
      <button
        type="button"
        class="button filters-toggle"
        aria-expanded={isOpen.value}
        onClick={() => (isOpen.value = !isOpen.value)}
      >
        <Icon name="filter" />
        Filters
      </button>
      <div class="filters-more">
        <select aria-label="Event" value={value('event')} onChange={onInput('event')}>
          <Options known={eventNames.value} chosen={value('event')} all="All events" />
        </select>
        <input
          type="text"
          aria-label="User: id or e-mail"
          placeholder="User: id or e-mail"
          value={value('user')}
          onInput={onInput('user')}
        />
        <select aria-label="Source" value={value('source')} onChange={onInput('source')}>
          <Options known={sources.value} chosen={value('source')} all="All sources" />
        </select>
        <select aria-label="Mode" value={value('mode')} onChange={onInput('mode')}>
          <option value="">All modes</option>
          <option value="production">Production</option>
          <option value="development">Development</option>
        </select>
        <select
          aria-label="Time"
          value={isBetween.value ? 'between' : value('minutes')}
          onChange={({ currentTarget }) => onTime(currentTarget.value)}
        >
          <option value="">Any time</option>
          {MINUTES.map(([minutes, words]) => (
            <option key={minutes} value={minutes}>
              {words}
            </option>
          ))}
          <option value="between">Between…</option>
        </select>
        {isBetween.value && (
          <span class="between">
            <input
              type="datetime-local"
              aria-label="From"
              step="1"
              value={value('from')}
              onInput={onInput('from')}
            />
            <span aria-hidden="true">–</span>
            <input
              type="datetime-local"
              aria-label="To"
              step="1"
              value={value('to')}
              onInput={onInput('to')}
            />
          </span>
        )}
      </div>
    </search>
  );
}

function Options(props: {
  readonly known: readonly { readonly key: string; readonly name: string; readonly count: number }[];
  readonly chosen: string;
  readonly all: string;
}): JSX.Element {
  const { known, chosen, all } = props;
  const isUnknown = chosen !== '' && !known.some(({ key }) => key === chosen);
  return (
    <>
      <option value="">{all}</option>
      {isUnknown && <option value={chosen}>{chosen}</option>}
      {known.map(({ key, name }) => (
        <option key={key} value={key}>
          {name}
        </option>
      ))}
    </>
  );
}

export function FilterChips(): JSX.Element {
  const { params } = route.value;
  const chips = FILTER_NAMES.flatMap((name) => {
    const value = params.get(name);
    return value ? [{ name, words: wordsOf(name, value) }] : [];
  });
  return (
    <ul class="chips" aria-label="Active filters">
      {chips.map(({ name, words }) => (
        <li key={name}>
          <button type="button" class="chip" onClick={() => changeParams({ [name]: undefined })}>
            <span class="unseen">Remove filter: </span>
            <span class="chip-text">{words}</span>
            <Icon name="close" />
          </button>
        </li>
      ))}
      {chips.length > 0 && (
        <li>
          <button type="button" class="link-button" onClick={clearFilters}>
            Clear filters
          </button>
        </li>
      )}
    </ul>
  );
}

function wordsOf(name: (typeof FILTER_NAMES)[number], value: string): string {
  if (name === 'event') return `Event: ${eventNames.value.find(({ key }) => key === value)?.name ?? value}`;
  if (name === 'text') return `“${value}”`;
  if (name === 'mode') return value === 'development' ? 'Development mode' : 'Production';
  if (name === 'minutes') return `Last ${span(Number(value) * 60_000)}`;
  if (name === 'from' || name === 'to') {
    const at = Date.parse(value);
    return `${name === 'from' ? 'From' : 'To'} ${Number.isNaN(at) ? value : fullTime(at)}`;
  }
  return `${name === 'user' ? 'User' : 'Source'}: ${value}`;
}
