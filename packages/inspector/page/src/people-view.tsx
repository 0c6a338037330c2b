import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { People, PersonSummary } from '../../src/page-contract.ts';
import { useLiveGet } from './api.ts';
import { Badge, Empty } from './controls.tsx';
import { count, counted, when } from './format.ts';
import { Icon } from './icons.tsx';
import { PersonDetail } from './person-detail.tsx';
import { encoded, hrefTo, isDevelopment, modeParam, route } from './route.ts';

export function PeopleView(): JSX.Element {
  const search = useSignal('');
  const { data, error } = useLiveGet<People>(`people?text=${encoded(search.value)}`);
  const { rest: id } = route.value;
  const isInDevelopment = isDevelopment();
  if (data?.total === 0 && search.value === '' && id === null) {
    return (
      <Empty title="Nobody yet">
        <p>
          Whoever an event is about shows up here: what is known of them (<code>{'{{user.name}}'}</code> in a
          template), their tags, and what they did. <a href="#/feed">Send a first event</a>
        </p>
      </Empty>
    );
  }
  return (
    <div class={`split people${id === null ? '' : ' has-detail'}`}>
      <section class="split-list" aria-label="Everyone">
        <label class="search-field">
          <Icon name="search" />
          <input
            type="search"
            data-search
            placeholder="Id, e-mail or attribute"
            aria-label="Search people by id, e-mail or attribute"
            value={search.value}
            onInput={({ currentTarget }) => (search.value = currentTarget.value)}
          />
          <kbd>/</kbd>
        </label>
        <p class="split-count">
          {data &&
            (data.people.length < data.total
              ? `${count(data.people.length)} of ${count(data.total)}`
              : peopleIn(data.total))}
        </p>
        {error !== undefined && <p class="problem">{error}</p>}
        <ul class="person-list">
          {data?.people.map((person) => (
            <PersonLine
              key={`${person.id} ${person.developmentMode}`}
              person={person}
              isOpen={person.id === id && person.developmentMode === isInDevelopment}
            />
          ))}
        </ul>
        {data?.people.length === 0 && <p class="split-none">Nobody matches.</p>}
      </section>
      <section class="split-detail" aria-label="Person">
        {id === null ? (
          <Empty title="Choose someone">
            <p>You see what is known of them, and everything they did.</p>
          </Empty>
        ) : (
          <PersonDetail key={`${id} ${isInDevelopment}`} id={id} isDevelopment={isInDevelopment} />
        )}
      </section>
    </div>
  );
}

function peopleIn(total: number): string {
  return total === 1 ? '1 person' : `${count(total)} people`;
}

function PersonLine({
  person,
  isOpen,
}: {
  readonly person: PersonSummary;
  readonly isOpen: boolean;
}): JSX.Element {
  const { id, email, developmentMode, events, lastSeenAt, isSubscribed } = person;
  return (
    <li>
      <a
        class="person-line"
        href={hrefTo('people', id, modeParam(developmentMode))}
        aria-current={isOpen ? 'true' : undefined}
      >
        <span class="person-name">{email ?? id}</span>
        <time class="person-seen" dateTime={new Date(lastSeenAt).toISOString()}>
          {when(lastSeenAt)}
        </time>
        <span class="person-id">
          {email === null || email === id ? counted(events, 'event') : `${id} · ${counted(events, 'event')}`}
        </span>
        <span class="person-badges">
          {!isSubscribed && <Badge tone="warn">unsubscribed</Badge>}
          {developmentMode && <Badge tone="plain">development</Badge>}
        </span>
      </a>
    </li>
  );
}
