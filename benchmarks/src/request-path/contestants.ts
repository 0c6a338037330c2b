import { fileURLToPath } from 'node:url';
import { TRANSPORTS } from './deliveries.ts';
import type { PathContestant } from './measure.ts';
import type { HostName, PeerName, TransportName, VeroState } from './setup.ts';

/** What every host is measured with. A name says one thing in all tables. */

export const UNTRACKED = 'no tracking';
/** Its difference to the first is the noise of the measurement. */
export const UNTRACKED_AGAIN = 'no tracking, a second server';
export const IDLE = 'no tracking, an interceptor or middleware that does nothing';
export const PRESENT = 'adapter present, route untracked';
export const ELSEWHERE = '`trackEvent` on another route only';
export const SET_ASIDE = 'tracked route, accepted and decided';
export const AT_ONCE = 'tracked route, delivered without I/O';
export const VERO_STATES: readonly VeroState[] = ['fast', 'slow', 'down'];
export const OTHER_NODES = [22, 26] as const;

const PEERS: readonly PeerName[] = ['@getvero/tracking', 'posthog-node', '@segment/analytics-node'];

export function trackedBy(transport: TransportName, state: VeroState = 'fast'): string {
  return `tracked route, \`${transport}Transport\`, Vero ${state}`;
}

export function byHand(peer: PeerName): string {
  return `by hand, \`${peer}\``;
}

/** Peers do the same in every host; Vero's own client is measured in all. */
export function peersOn(host: HostName): readonly PeerName[] {
  return host === 'express' ? PEERS : PEERS.slice(0, 1);
}

/** What a transport costs hardly depends on the host; the default is measured in all. */
export function transportsOn(host: HostName): readonly TransportName[] {
  return host === 'express' ? TRANSPORTS : TRANSPORTS.slice(0, 1);
}

/** For load as heavy as each server takes. */
export function atSaturation(host: HostName): PathContestant[] {
  return [
    { name: UNTRACKED, setup: { host, tracking: 'none' } },
    { name: UNTRACKED_AGAIN, setup: { host, tracking: 'none' } },
    // In Express a middleware is hardly more than a call.
    ...(host === 'express' ? [] : [{ name: IDLE, setup: { host, tracking: 'idle' } as const }]),
    { name: PRESENT, setup: { host, tracking: 'present' } },
    // In Nest and tRPC there is nothing on a route that declares none.
    ...(host === 'express' ? [{ name: ELSEWHERE, setup: { host, tracking: 'elsewhere' } as const }] : []),
    { name: SET_ASIDE, setup: { host, tracking: 'tracked', delivery: 'set-aside' } },
    { name: AT_ONCE, setup: { host, tracking: 'tracked', delivery: 'at-once' } },
    ...transportsOn(host).map((delivery) => tracked(host, delivery, 'fast')),
    ...peersOn(host).map((peer) => ({ name: byHand(peer), setup: { host, tracking: peer } })),
  ];
}

/** For load at a steady rate. */
export function atHalfLoad(host: HostName): PathContestant[] {
  return [
    { name: UNTRACKED, setup: { host, tracking: 'none' } },
    { name: UNTRACKED_AGAIN, setup: { host, tracking: 'none' } },
    { name: SET_ASIDE, setup: { host, tracking: 'tracked', delivery: 'set-aside' } },
    ...transportsOn(host).flatMap((delivery) => VERO_STATES.map((state) => tracked(host, delivery, state))),
  ];
}

export function onNode(version: (typeof OTHER_NODES)[number], name: string): string {
  return `Node ${version}: ${name}`;
}

/** On the lowest and the newest Node. */
export function onOtherNodes(host: HostName): PathContestant[] {
  return OTHER_NODES.flatMap((version) => {
    const execPath = fileURLToPath(
      new URL(`../../../tools/node-versions/node_modules/node-${version}/bin/node`, import.meta.url),
    );
    return [
      { name: onNode(version, UNTRACKED), setup: { host, tracking: 'none' }, execPath },
      { name: onNode(version, PRESENT), setup: { host, tracking: 'present' }, execPath },
    ] as const;
  });
}

function tracked(host: HostName, delivery: TransportName, vero: VeroState): PathContestant {
  return { name: trackedBy(delivery, vero), setup: { host, tracking: 'tracked', delivery, vero } };
}
