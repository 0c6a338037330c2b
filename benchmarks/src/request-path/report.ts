import type { Chart, Goal, Row, Spread, Table } from '../suite.ts';
import {
  AT_ONCE,
  atHalfLoad,
  atSaturation,
  byHand,
  ELSEWHERE,
  IDLE,
  OTHER_NODES,
  onNode,
  PRESENT,
  peersOn,
  SET_ASIDE,
  trackedBy,
  transportsOn,
  UNTRACKED,
  UNTRACKED_AGAIN,
  VERO_STATES,
} from './contestants.ts';
import type { PathResults } from './measure.ts';
import type { Host } from './setup.ts';

/** What was measured in one host. */
export interface HostResults {
  readonly host: Host;
  readonly saturated: PathResults;
  /** Not there for every host when nothing is measured. */
  readonly steady:
    | { readonly results: PathResults /** Requests a second. */; readonly rate: number }
    | undefined;
  readonly otherNodes: PathResults | undefined;
}

/** The difference between two servers that are the same is what chance makes; more than that is measurable. */
function isNoise(difference: Spread, chance: Spread): boolean {
  return Math.abs(difference.median) <= Math.max(Math.abs(chance.min), Math.abs(chance.max));
}

export function goalsOf(results: HostResults): Goal[] {
  return [...untrackedGoals(results), trackedGoal(results), ...steadyGoals(results)];
}

function untrackedGoals({ host, saturated, otherNodes }: HostResults): Goal[] {
  const chance = saturated.difference(UNTRACKED_AGAIN, UNTRACKED, 'cpu');
  const goal = (what: string, difference: Spread): Goal => ({
    what: `${host.title}: ${what}`,
    goal: 'not measurable: within what two servers without tracking differ by',
    measured: `${signed(difference, 'µs')} of CPU a request; two servers without tracking: ${signed(chance, 'µs')}`,
    isReached: isNoise(difference, chance),
  });
  const onNode24 = [PRESENT, ...(host.name === 'express' ? [ELSEWHERE] : [])];
  return [
    ...onNode24.map((name) => goal(`${name}, Node 24`, saturated.difference(name, UNTRACKED, 'cpu'))),
    ...(otherNodes ? [goal(`${PRESENT}, Node 26`, differenceOn(otherNodes, 26))] : []),
  ];
}

function differenceOn(results: PathResults, version: (typeof OTHER_NODES)[number]): Spread {
  return results.difference(onNode(version, PRESENT), onNode(version, UNTRACKED), 'cpu');
}

function trackedGoal({ host, saturated, steady }: HostResults): Goal {
  const added = saturated.difference(SET_ASIDE, UNTRACKED, 'cpu');
  const withEngine = saturated.difference(AT_ONCE, UNTRACKED, 'cpu');
  const atHalf =
    steady && `, ${signed(steady.results.difference(SET_ASIDE, UNTRACKED, 'cpu'), 'µs')} at half of it`;
  // What the framework itself takes for the first of its kind, which most applications have.
  const ofFramework =
    host.name === 'express'
      ? ''
      : `; an interceptor or middleware that does nothing: ${signed(saturated.difference(IDLE, UNTRACKED, 'cpu'), 'µs')}`;
  return {
    what: `${host.title}: what a tracked route adds on the main thread, delivery aside`,
    goal: `≤ ${host.goalUs} µs a request`,
    measured: `${signed(added, 'µs')} at saturation${atHalf ?? ''}; with the engine's part of delivery ${signed(withEngine, 'µs')}${ofFramework}`,
    isReached: added.median <= host.goalUs,
  };
}

function steadyGoals({ host, steady }: HostResults): Goal[] {
  if (!steady) return [];
  const { results } = steady;
  const chance = results.difference(UNTRACKED_AGAIN, UNTRACKED, 'p99');
  return transportsOn(host.name).map((transport) => {
    const differences = VERO_STATES.map((state) => ({
      state,
      p99: results.difference(trackedBy(transport, state), UNTRACKED, 'p99'),
    }));
    const measured = differences.map(({ state, p99 }) => `${state} ${signed(p99, 'ms')}`).join(', ');
    return {
      what: `${host.title}: p99 of a tracked route at half of the server's capacity, \`${transport}Transport\``,
      goal: 'within what two servers without tracking differ by, with Vero fast, slow and down',
      measured: `${measured}; two servers without tracking: ${signed(chance, 'ms')}`,
      isReached: differences.every(({ p99 }) => isNoise(p99, chance)),
    };
  });
}

const LATENCY_COLUMNS = [
  { title: 'p50', unit: 'ms' },
  { title: 'p99', unit: 'ms' },
] as const;

const CPU_COLUMNS = [
  { title: 'main-thread CPU', unit: 'µs a request' },
  { title: 'more than without tracking', unit: 'µs a request' },
  { title: 'the same, until all is delivered', unit: 'µs a request' },
] as const;

export function tablesOf(results: HostResults): Table[] {
  return [saturatedTable(results), ...steadyTables(results)];
}

function saturatedTable({ host, saturated }: HostResults): Table {
  return {
    title: `${host.title}: as many requests as the server takes`,
    columns: [{ title: 'throughput', unit: 'requests/s' }, ...LATENCY_COLUMNS, ...CPU_COLUMNS],
    rows: atSaturation(host.name).map(({ name }) => ({
      name,
      cells: [
        saturated.of(name, 'throughput'),
        saturated.of(name, 'p50'),
        saturated.of(name, 'p99'),
        ...cpuCells(saturated, name),
      ],
    })),
  };
}

function steadyTables({ host, steady }: HostResults): Table[] {
  if (!steady) return [];
  const { results, rate } = steady;
  return [
    {
      title: `${host.title}: ${Math.round(rate)} requests a second, half of what the server takes without tracking`,
      columns: [...LATENCY_COLUMNS, { title: 'p99, more than without tracking', unit: 'ms' }, ...CPU_COLUMNS],
      rows: atHalfLoad(host.name).map(({ name }) => ({
        name,
        cells: [
          results.of(name, 'p50'),
          results.of(name, 'p99'),
          results.difference(name, UNTRACKED, 'p99'),
          ...cpuCells(results, name),
        ],
      })),
    },
  ];
}

function cpuCells(results: PathResults, name: string): readonly Spread[] {
  return [
    results.of(name, 'cpu'),
    results.difference(name, UNTRACKED, 'cpu'),
    results.difference(name, UNTRACKED, 'cpuDelivered'),
  ];
}

export function nodesTable({ host, saturated, otherNodes }: HostResults): Table {
  const row = (version: number, results: PathResults, untracked: string, present: string): Row => ({
    name: `Node ${version}`,
    cells: [
      results.of(untracked, 'cpu'),
      results.of(present, 'cpu'),
      results.difference(present, untracked, 'cpu'),
    ],
  });
  return {
    title: `${host.title}: the adapter on a route without events, on each Node`,
    note: 'Node 22 keeps async-local storage with hooks of every promise; from 24 on V8 does. On Node 22 the CPU is that of the whole process: `process.threadCpuUsage` came with 23.9.',
    columns: [
      { title: 'without it', unit: 'µs a request' },
      { title: 'with it', unit: 'µs a request' },
      { title: 'difference', unit: 'µs a request' },
    ],
    rows: [
      row(24, saturated, UNTRACKED, PRESENT),
      ...(otherNodes
        ? OTHER_NODES.map((version) =>
            row(version, otherNodes, onNode(version, UNTRACKED), onNode(version, PRESENT)),
          )
        : []),
    ],
  };
}

export function chartsOf({ host, saturated }: HostResults): Chart[] {
  const bar = (name: string, isOurs: boolean) => ({
    name,
    value: saturated.difference(name, UNTRACKED, 'cpuDelivered'),
    isOurs,
  });
  return [
    {
      file: `request-path-${host.name}`,
      title: `${host.title}: main-thread CPU that a tracked request adds, delivery included`,
      unit: 'µs',
      bars: [
        ...transportsOn(host.name).map((transport) => bar(trackedBy(transport), true)),
        ...peersOn(host.name).map((peer) => bar(byHand(peer), false)),
      ],
    },
  ];
}

function signed({ median, min, max }: Spread, unit: string): string {
  const digits = unit === 'ms' ? 2 : 1;
  const sign = median < 0 ? '' : '+';
  return `${sign}${median.toFixed(digits)} ${unit} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;
}
