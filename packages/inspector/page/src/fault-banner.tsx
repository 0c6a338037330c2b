import type { JSX } from 'preact';
import type { FaultState } from '../../src/page-contract.ts';
import { remove, textOf } from './api.ts';
import { say } from './controls.tsx';
import { faults } from './feed.ts';
import { clock, counted } from './format.ts';
import { Icon } from './icons.tsx';
import { hrefTo, route } from './route.ts';

/** Seen on every view, so that nobody wonders why their app fails. */
export function FaultBanner(): JSX.Element {
  const active = faults.value;
  const [first, ...others] = active;
  return (
    <output class="fault-banner" hidden={!first}>
      {first && (
        <>
          <Icon name="faults" />
          <span>
            <strong>This Vero is failing on purpose:</strong> {first.label}, {leftOf(first)}
            {others.length > 0 && `, and ${counted(others.length, 'more fault')}`}
          </span>
          {route.value.view !== 'faults' && <a href={hrefTo('faults')}>Show</a>}
          <button type="button" class="button is-small" onClick={() => void stop(active)}>
            {others.length > 0 ? 'Stop all' : 'Stop'}
          </button>
        </>
      )}
    </output>
  );
}

export function leftOf({ left, until }: FaultState): string {
  if (left !== null) return `${counted(left, 'request')} left`;
  return until === null ? 'until stopped' : `until ${clock(until)}`;
}

export async function stop(which: readonly FaultState[]): Promise<void> {
  try {
    await Promise.all(which.map(({ id }) => remove(`faults/${id}`)));
    say(which.length === 1 ? 'The fault is over.' : 'All faults are over.');
  } catch (error) {
    say(`The fault could not be stopped. ${textOf(error)}`);
  }
}
