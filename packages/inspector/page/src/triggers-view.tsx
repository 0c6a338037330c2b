import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { TriggeredPerson, TriggerResult } from '../../src/page-contract.ts';
import { post, useLive } from './api.ts';
import { Badge, Empty, ModeSelect } from './controls.tsx';
import { changes, entries, eventNames, isLoaded } from './feed.ts';
import { count, when } from './format.ts';
import { changeParams, hrefTo, isDevelopment, modeParam, route } from './route.ts';

const DEBOUNCE_MS = 250;
const DEFAULT_DAYS = 14;

/** "Send a coupon two weeks after somebody signed up but did not purchase": whom would it reach? */
export function TriggersView(): JSX.Element {
  // An empty feed ends with its first entry.
  void changes.value;
  const { params } = route.value;
  const names = eventNames.value;
  const did = params.get('did') ?? '';
  const didNot = params.get('not') ?? '';
  const days = params.get('days') ?? String(DEFAULT_DAYS);
  const isComplete = did.trim() !== '' && didNot.trim() !== '' && days !== '' && Number(days) >= 0;
  const request = { did, didNot, withinDays: Number(days), developmentMode: isDevelopment() };
  const key = useSettled(isComplete ? JSON.stringify(request) : null);
  const { data, error } = useLive<TriggerResult>(key, (signal) =>
    post('trigger', JSON.parse(key ?? '{}'), signal),
  );
  if (isLoaded.value && entries.length === 0) {
    return (
      <Empty title="Whom would a campaign reach?">
        <p>
          For example everybody who signed up, and did not purchase within 14 days. It is answered from the
          events that came. <a href="#/feed">Send a first event</a>
        </p>
      </Empty>
    );
  }
  const field = (name: string) => (event: { readonly currentTarget: { readonly value: string } }) =>
    changeParams({ [name]: event.currentTarget.value });
  return (
    <div class="page-view triggers">
      <section class="card" aria-label="Trigger">
        <p class="lead">
          A campaign is triggered by what users did, and did not do since. Whom would it reach, by the events
          that came?
        </p>
        <form class="sentence" onSubmit={(event) => event.preventDefault()}>
          <label>
            <span>Reach everybody who did</span>
            <input
              list="names"
              data-search
              placeholder={`e.g. ${names[0]?.name ?? 'signed_up'}`}
              value={did}
              onInput={field('did')}
            />
          </label>
          <label>
            <span>and did not do</span>
            <input
              list="names"
              placeholder={`e.g. ${names[1]?.name ?? 'purchased'}`}
              value={didNot}
              onInput={field('not')}
            />
          </label>
          <label class="is-days">
            <span>within</span>
            <span class="with-unit">
              <input type="number" min="0" max="3650" step="any" value={days} onInput={field('days')} /> days
            </span>
          </label>
          <ModeSelect />
        </form>
        <datalist id="names">
          {names.map((each) => (
            <option key={each.key} value={each.name} />
          ))}
        </datalist>
        {!isComplete && <Suggestions names={names.map(({ name }) => name)} />}
      </section>
      {error !== undefined && isComplete && <p class="problem">{error}</p>}
      {data && isComplete && error === undefined && <Result result={data} />}
    </div>
  );
}

function Suggestions({ names }: { readonly names: readonly string[] }): JSX.Element | null {
  const [first, second] = names;
  if (first === undefined) return null;
  const pairs =
    second === undefined
      ? [[first, 'purchased'] as const]
      : [[first, second] as const, [second, first] as const];
  return (
    <p class="hint suggestions">
      Try:{' '}
      {pairs.map(([did, not]) => (
        <button key={did} type="button" class="example" onClick={() => changeParams({ did, not })}>
          {did}, but not {not}
        </button>
      ))}
    </p>
  );
}

function Result({ result }: { readonly result: TriggerResult }): JSX.Element {
  const { reached, waiting, converted } = result;
  const silent = reached.filter(({ isSubscribed }) => !isSubscribed).length;
  return (
    <>
      <dl class="figures">
        <div class="is-main">
          <dt>Would be reached</dt>
          <dd>{count(reached.length)}</dd>
        </div>
        <div>
          <dt>Still have time</dt>
          <dd>{count(waiting.length)}</dd>
        </div>
        <div>
          <dt>Did it in time</dt>
          <dd>{count(converted)}</dd>
        </div>
      </dl>
      {silent > 0 && (
        <p class="hint">
          {silent === 1 ? 'One of them is' : `${count(silent)} of them are`} unsubscribed, and would get no
          e-mail.
        </p>
      )}
      <div class="columns">
        <TriggeredList title="Would be reached" people={reached} none="Nobody, so far." />
        <TriggeredList title="Still have time" people={waiting} none="Nobody is waiting." />
      </div>
    </>
  );
}

const MAX_SHOWN = 200;

function TriggeredList(props: {
  readonly title: string;
  readonly people: readonly TriggeredPerson[];
  readonly none: string;
}): JSX.Element {
  return (
    <section class="card" aria-label={props.title}>
      <h2 class="card-title">{props.title}</h2>
      {props.people.length === 0 && <p class="hint">{props.none}</p>}
      <ul class="triggered">
        {props.people.slice(0, MAX_SHOWN).map(({ id, email, isSubscribed, didAt }) => (
          <li key={id}>
            <a href={hrefTo('people', id, modeParam(isDevelopment()))}>{email ?? id}</a>
            {!isSubscribed && <Badge tone="warn">unsubscribed</Badge>}
            <time dateTime={new Date(didAt).toISOString()}>{when(didAt)}</time>
          </li>
        ))}
      </ul>
      {props.people.length > MAX_SHOWN && (
        <p class="hint">and {count(props.people.length - MAX_SHOWN)} more</p>
      )}
    </section>
  );
}

/** The value once it has stayed the same for a moment. */
function useSettled(value: string | null): string | null {
  const settled = useSignal(value);
  useEffect(() => {
    const timer = setTimeout(() => (settled.value = value), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [settled, value]);
  return settled.value;
}
