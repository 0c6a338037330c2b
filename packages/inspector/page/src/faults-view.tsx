import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { FaultRequest } from '../../src/page-contract.ts';
import { post, textOf } from './api.ts';
import { say } from './controls.tsx';
import { leftOf, stop } from './fault-banner.tsx';
import { faults } from './feed.ts';
import { Icon } from './icons.tsx';

interface Preset {
  readonly title: string;
  readonly what: string;
  /** A number that it takes: its name, unit, and what it is at first. */
  readonly number?: { readonly label: string; readonly unit: string; readonly value: number };
  readonly request: (number: number) => Pick<FaultRequest, 'kind' | 'status' | 'retryAfter' | 'delayMs'>;
}

const PRESETS: readonly Preset[] = [
  {
    title: 'Too many requests',
    what: '429 with Retry-After. A good client waits that long.',
    number: { label: 'Retry-After', unit: 's', value: 30 },
    request: (retryAfter) => ({ kind: 'status', status: 429, retryAfter }),
  },
  {
    title: 'Bad credentials',
    what: '401. Trying again is of no use.',
    request: () => ({ kind: 'status', status: 401 }),
  },
  {
    title: 'Server error',
    what: '500. Worth trying again, after a while.',
    request: () => ({ kind: 'status', status: 500 }),
  },
  {
    title: 'No answer',
    what: 'The request hangs. Your app needs a timeout.',
    request: () => ({ kind: 'hang' }),
  },
  {
    title: 'Dropped connection',
    what: 'The connection ends before the event is taken.',
    request: () => ({ kind: 'drop' }),
  },
  {
    title: 'Lost answer',
    what: 'The event is taken, then the connection ends. A retry comes as a duplicate.',
    request: () => ({ kind: 'accept-then-drop' }),
  },
  {
    title: 'Slow answer',
    what: 'The event is taken, and answered late.',
    number: { label: 'After', unit: 'ms', value: 3_000 },
    request: (delayMs) => ({ kind: 'delay', delayMs }),
  },
];

export function FaultsView(): JSX.Element {
  const isByCount = useSignal(true);
  const requests = useSignal(5);
  const seconds = useSignal(60);
  const begin = async (preset: Preset, number: number): Promise<void> => {
    const span = isByCount.value ? { count: requests.value } : { forMs: seconds.value * 1_000 };
    try {
      await post('faults', { ...preset.request(number), ...span });
      say(`${preset.title}: begun.`);
    } catch (error) {
      say(`It was not begun. ${textOf(error)}`);
    }
  };
  return (
    <div class="page-view faults">
      <p class="lead">
        Make this Vero fail, and see how your app copes. Each fault applies to requests of the Track API, in
        the order begun.
      </p>
      <fieldset class="fault-span">
        <legend>For how long?</legend>
        <label>
          <input
            type="radio"
            name="span"
            checked={isByCount.value}
            onChange={() => (isByCount.value = true)}
          />
          <span>the next</span>
          <NumberInput label="Requests" value={requests} max={100_000} />
          <span>requests</span>
        </label>
        <label>
          <input
            type="radio"
            name="span"
            checked={!isByCount.value}
            onChange={() => (isByCount.value = false)}
          />
          <span>all, for</span>
          <NumberInput label="Seconds" value={seconds} max={86_400} />
          <span>seconds</span>
        </label>
      </fieldset>
      <ul class="presets" aria-label="Faults to begin">
        {PRESETS.map((preset) => (
          <PresetCard key={preset.title} preset={preset} onBegin={(number) => void begin(preset, number)} />
        ))}
      </ul>
      <section class="card" aria-labelledby="active-faults">
        <h2 class="card-title" id="active-faults">
          Active now
        </h2>
        {faults.value.length === 0 ? (
          <p class="hint">None: requests are answered as Vero answers them.</p>
        ) : (
          <ul class="active-faults">
            {faults.value.map((fault) => (
              <li key={fault.id}>
                <Icon name="faults" />
                <strong>{fault.label}</strong>
                <span>{leftOf(fault)}</span>
                <button type="button" class="button is-small" onClick={() => void stop([fault])}>
                  Stop<span class="unseen"> {fault.label}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

function PresetCard({
  preset,
  onBegin,
}: {
  readonly preset: Preset;
  readonly onBegin: (number: number) => void;
}): JSX.Element {
  const value = useSignal(preset.number?.value ?? 0);
  return (
    <li class="card preset">
      <h2>{preset.title}</h2>
      <p>{preset.what}</p>
      <div class="preset-end">
        {preset.number && (
          <span class="preset-number">
            <span>{preset.number.label}</span>
            <NumberInput
              label={`${preset.number.label}, in ${preset.number.unit}`}
              value={value}
              min={0}
              max={600_000}
            />
            <span>{preset.number.unit}</span>
          </span>
        )}
        <button type="button" class="button" onClick={() => onBegin(value.value)}>
          Begin<span class="unseen"> {preset.title}</span>
        </button>
      </div>
    </li>
  );
}

function NumberInput(props: {
  readonly label: string;
  readonly value: { value: number };
  readonly min?: number;
  readonly max: number;
}): JSX.Element {
  const { label, value, min = 1, max } = props;
  return (
    <input
      type="number"
      aria-label={label}
      min={min}
      max={max}
      value={value.value}
      onChange={({ currentTarget }) => {
        const number = Math.round(Number(currentTarget.value));
        value.value = Math.min(max, Math.max(min, Number.isFinite(number) ? number : min));
        currentTarget.value = String(value.value);
      }}
    />
  );
}
