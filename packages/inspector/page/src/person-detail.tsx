import type { JSX } from 'preact';
import type { Person } from '../../src/page-contract.ts';
import { useLiveGet } from './api.ts';
import { Badge, Empty } from './controls.tsx';
import { EntryLine } from './entry-line.tsx';
import { fullTime, plain, when } from './format.ts';
import { Icon } from './icons.tsx';
import { encoded, hrefTo } from './route.ts';

/** What is shown of a person's attributes. */
const MAX_ATTRIBUTES = 500;

export function PersonDetail({
  id,
  isDevelopment,
}: {
  readonly id: string;
  readonly isDevelopment: boolean;
}): JSX.Element {
  const { data: person, error } = useLiveGet<Person>(
    `person?id=${encoded(id)}&developmentMode=${isDevelopment}`,
  );
  return (
    <>
      <a class="back" href="#/people">
        <Icon name="back" />
        Everyone
      </a>
      {person ? (
        <KnownPerson person={person} />
      ) : (
        error !== undefined && (
          <Empty title="Not here">
            <p>{error}</p>
          </Empty>
        )
      )}
    </>
  );
}

function KnownPerson({ person }: { readonly person: Person }): JSX.Element {
  const { id, email, tags, isSubscribed, formerIds, developmentMode, timeline } = person;
  return (
    <article class="person">
      <header class="person-head">
        <h2>{email ?? id}</h2>
        <div class="person-facts">
          <span>
            Id <strong>{id}</strong>
          </span>
          {formerIds.length > 0 && (
            <span>
              formerly <strong>{formerIds.join(', ')}</strong>
            </span>
          )}
          <Badge tone={isSubscribed ? 'good' : 'warn'}>{isSubscribed ? 'subscribed' : 'unsubscribed'}</Badge>
          {developmentMode && <Badge tone="plain">development</Badge>}
          {tags.map((tag) => (
            <span key={tag} class="tag">
              {tag}
            </span>
          ))}
        </div>
      </header>
      <Attributes person={person} />
      <section aria-labelledby="timeline">
        <h3 id="timeline">Timeline</h3>
        <p class="hint">
          Event data belongs to its one event: <code>{'{{event.item_price}}'}</code>.
        </p>
        <ol class="timeline">
          {timeline.map((entry) => (
            <li key={entry.seq}>
              <a class={`row is-${entry.kind}`} href={hrefTo('feed', null, { seq: entry.seq })}>
                <EntryLine entry={entry} />
              </a>
            </li>
          ))}
        </ol>
      </section>
    </article>
  );
}

function Attributes({ person }: { readonly person: Person }): JSX.Element {
  const { attributes, attributeSources } = person;
  const names = Object.keys(attributes);
  return (
    <section aria-labelledby="user-data">
      <h3 id="user-data">User data</h3>
      <p class="hint">
        Merged from every identity, and kept until overwritten: <code>{'{{user.age}}'}</code>
      </p>
      {names.length === 0 ? (
        <p class="split-none">No attributes yet.</p>
      ) : (
        <table class="attributes">
          <thead>
            <tr>
              <th scope="col">Attribute</th>
              <th scope="col">Value</th>
              <th scope="col">Last set</th>
            </tr>
          </thead>
          <tbody>
            {names.slice(0, MAX_ATTRIBUTES).map((name) => {
              // A name such as `__proto__` is one like any other.
              const source = Object.hasOwn(attributeSources, name) ? attributeSources[name] : undefined;
              return (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{plain(attributes[name])}</td>
                  <td>
                    {source && (
                      <a href={hrefTo('feed', null, { seq: source.seq })} title={fullTime(source.at)}>
                        {when(source.at)}
                      </a>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {names.length > MAX_ATTRIBUTES && <p class="hint">and {names.length - MAX_ATTRIBUTES} more</p>}
    </section>
  );
}
