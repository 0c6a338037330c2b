import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Entry, EntrySummary, Person } from '../../src/page-contract.ts';
import { ask } from './api.ts';
import { encoded } from './route.ts';

const MAX_NAMES = 40;
/** Others can't be written as `user.name`. */
const NAME = /^[A-Za-z_][\w-]*$/;

interface Names {
  readonly user: readonly string[];
  readonly event: readonly string[];
}

/** The names that a template for this event may use; a click puts one in. */
export function TemplateNames(props: {
  readonly entry: EntrySummary;
  readonly onChoose: (name: string) => void;
}): JSX.Element {
  const { seq, userId, developmentMode } = props.entry;
  const [names, setNames] = useState<Names>({ user: [], event: [] });
  useEffect(() => {
    const { signal, abort } = leaving();
    Promise.all([
      ask<Entry>(`entries/${seq}`, { signal }).then(dataNames),
      userId === null
        ? []
        : ask<Person>(`person?id=${encoded(userId)}&developmentMode=${developmentMode}`, {
            signal,
          }).then(({ attributes }) => Object.keys(attributes)),
    ]).then(
      ([event, user]) => setNames({ event: usable(event), user: usable(user) }),
      // Without them one can still type.
      () => {},
    );
    return abort;
  }, [seq, userId, developmentMode]);
  return (
    <div class="names">
      <h3>Names to use</h3>
      <Group
        title="User data, kept on the profile"
        prefix="user"
        names={names.user}
        onChoose={props.onChoose}
      />
      <Group
        title="Event data, of this event only"
        prefix="event"
        names={names.event}
        onChoose={props.onChoose}
      />
    </div>
  );
}

function Group(props: {
  readonly title: string;
  readonly prefix: 'user' | 'event';
  readonly names: readonly string[];
  readonly onChoose: (name: string) => void;
}): JSX.Element {
  return (
    <div class="names-group">
      <h4>{props.title}</h4>
      {props.names.length === 0 && <span class="hint">none</span>}
      {props.names.map((name) => (
        <button
          key={name}
          type="button"
          class="name"
          onClick={() => props.onChoose(`${props.prefix}.${name}`)}
        >
          {props.prefix}.{name}
        </button>
      ))}
    </div>
  );
}

function leaving(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

function usable(names: readonly string[]): readonly string[] {
  return names.filter((name) => NAME.test(name)).slice(0, MAX_NAMES);
}

/** None of a body that was cut, or is no JSON. */
function dataNames({ body }: Entry): readonly string[] {
  try {
    return Object.keys((JSON.parse(body) as { readonly data?: object }).data ?? {});
  } catch {
    return [];
  }
}
