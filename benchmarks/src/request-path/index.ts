import type { BenchContext, Suite, SuiteResult } from '../suite.ts';
import { atHalfLoad, atSaturation, onOtherNodes, UNTRACKED } from './contestants.ts';
import { type Effort, measurePath } from './measure.ts';
import { chartsOf, goalsOf, type HostResults, nodesTable, tablesOf } from './report.ts';
import { HOSTS, type Host } from './setup.ts';

const LIKE_THE_FIRST = `Measured like ${HOSTS[0]?.title}, above.`;

const NOTE = `\
A \`POST\` with a small JSON body adds an item to a user's cart. Each server is a process of its own, and so is the load, and
the stand-in for Vero and its peers: on two cores the server has one, and the others share what is left. All servers of a
round run at once and get short blocks of load in turn; differences are those of blocks side by side, their median is a
round's, and what is shown are the median and the range of the rounds. Every answer is checked, and so is that there is one
event for each request.

CPU is what the main thread used (\`process.threadCpuUsage\`), which leaves out the helpers of the garbage collector, and a
transport's own thread. "Accepted and decided": the memory queue stores each event and forgets it at once, so that nothing of
delivery is in it. "Delivered without I/O" has the whole engine, and a transport that takes everything. The queue is given
room for everything that waits; peers send batches, while Vero takes one event a request.

At saturation, 32 connections each ask again when they are answered (autocannon), so latency there only says how many wait.
At the steady rate requests begin at their times, whether others were answered or not, and latency counts from that time: p99
is what one user in a hundred waits, also when the server had stalled before it got to the request.`;

/** What tracking costs a request: a suite for each framework, so that one can be repeated. */
export const requestPaths: readonly Suite[] = HOSTS.map((host, index) => ({
  name: `request-path-${host.name}`,
  title: `What tracking costs a request: ${host.title}`,
  run: async (context) => resultOf(await measureHost(host, context), index === 0 ? NOTE : LIKE_THE_FIRST),
}));

const EFFORT: Omit<Effort, 'load' | 'warmUp'> & { readonly requests: number } = {
  rounds: 3,
  blocks: 6,
  requests: 2_000,
};
const QUICK_EFFORT: typeof EFFORT = { rounds: 1, blocks: 1, requests: 50 };
const QUICK_WARM_UP = 50;
/** For what takes longer, or matters less. */
const FEWER = 3;
/** Of load at a steady rate. */
const BLOCK_SECONDS = 0.7;

async function measureHost(host: Host, context: BenchContext): Promise<HostResults> {
  const { requests, ...amount } = context.isQuick ? QUICK_EFFORT : EFFORT;
  const effort = { ...amount, warmUp: context.isQuick ? QUICK_WARM_UP : host.warmUp };
  context.log(`${host.title}: at saturation`);
  const saturated = await measurePath(atSaturation(host.name), { ...effort, load: { requests } }, context);
  // One host shows that the rest runs.
  if (context.isQuick && host.name !== 'express') {
    return { host, saturated, steady: undefined, otherNodes: undefined };
  }
  const [rounds, blocks] = [Math.min(effort.rounds, FEWER), Math.min(effort.blocks, FEWER)];
  context.log(`${host.title}: on other Nodes`);
  const ofNodes = { ...effort, rounds, load: { requests } };
  const otherNodes = await measurePath(onOtherNodes(host.name), ofNodes, context);
  const rate = saturated.of(UNTRACKED, 'throughput').median / 2;
  context.log(`${host.title}: ${Math.round(rate)} requests a second`);
  const load = { rate, requests: context.isQuick ? requests : Math.round(rate * BLOCK_SECONDS) };
  const results = await measurePath(atHalfLoad(host.name), { ...effort, rounds, blocks, load }, context);
  return { host, saturated, otherNodes, steady: { results, rate } };
}

function resultOf(results: HostResults, note: string): SuiteResult {
  const [first, ...others] = tablesOf(results);
  return {
    goals: goalsOf(results),
    tables: [...(first ? [{ ...first, note }] : []), ...others, nodesTable(results)],
    charts: chartsOf(results),
  };
}
