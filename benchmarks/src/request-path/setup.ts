/** What a server's process serves, and how it tracks. */
export interface Setup {
  readonly host: HostName;
  readonly tracking: TrackingName;
  /** For `tracked`: what becomes of accepted events. */
  readonly delivery?: DeliveryName;
  /** For what goes to a stand-in over the network. @default 'fast' */
  readonly vero?: VeroState;
}

export type HostName = 'express' | 'nest-express' | 'nest-fastify' | 'trpc';

export interface Host {
  readonly name: HostName;
  readonly title: string;
  readonly goalUs: number;
  /** Requests until its code is compiled for good. */
  readonly warmUp: number;
}

export const HOSTS: readonly Host[] = [
  { name: 'express', title: 'Express 5', goalUs: 10, warmUp: 15_000 },
  { name: 'nest-express', title: 'Nest 12 on Express', goalUs: 20, warmUp: 15_000 },
  { name: 'nest-fastify', title: 'Nest 12 on Fastify', goalUs: 20, warmUp: 15_000 },
  { name: 'trpc', title: 'tRPC 11', goalUs: 10, warmUp: 15_000 },
];

export type TrackingName = OurTracking | PeerName;

/**
 * - `none`: no package of ours
 * - `idle`: the same, and an interceptor (Nest) or a middleware (tRPC) that does nothing
 * - `present`: a scope for every request, and no event on the route
 * - `elsewhere`: an event on another route (Express, where a route can have its own)
 * - `tracked`: an event on the route
 */
export type OurTracking = 'none' | 'idle' | 'present' | 'elsewhere' | 'tracked';

/** `res.on('finish')` written by hand, and the peer's call. */
export type PeerName = '@getvero/tracking' | 'posthog-node' | '@segment/analytics-node';

/**
 * - `set-aside`: the memory queue stores each event and forgets it at once; nothing is delivered
 * - `at-once`: the default queue and the whole engine, and a transport that takes everything without I/O
 */
export type DeliveryName = 'set-aside' | 'at-once' | TransportName;

export type TransportName = 'ky' | 'undici' | 'thread';

/** `slow` answers after two seconds; `down` refuses connections. */
export type VeroState = 'fast' | 'slow' | 'down';

/** A number of requests: as fast as they are answered, or at a rate, answered or not. */
export interface Load {
  readonly requests: number;
  /** Requests a second. @default as fast as they are answered */
  readonly rate?: number | undefined;
}

/** What the process of the load saw. Latencies in milliseconds. */
export interface LoadResult {
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
}

/** The CPU is that of the server's main thread, in microseconds a request. */
export interface PathFigures extends Readonly<Record<string, number>> {
  /** Requests a second. */
  readonly throughput: number;
  readonly p50: number;
  readonly p99: number;
  /** From the first request to the last answer. */
  readonly cpu: number;
  /** To the last delivery; the same where it is not waited for. */
  readonly cpuDelivered: number;
  /** Events that the stand-in got, for each request. */
  readonly events: number;
}

export function isPeer(tracking: TrackingName): tracking is PeerName {
  return !['none', 'idle', 'present', 'elsewhere', 'tracked'].includes(tracking);
}
