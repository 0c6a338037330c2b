import { Refusal } from './refusal.ts';

export type UserEndpoint =
  | 'users/track'
  | 'users/edit'
  | 'users/reidentify'
  | 'users/tags/edit'
  | 'users/unsubscribe'
  | 'users/resubscribe'
  | 'users/delete';

export type Endpoint = 'events/track' | 'heartbeat' | UserEndpoint;

const METHODS: Readonly<Record<Endpoint, string>> = {
  'events/track': 'POST',
  'users/track': 'POST',
  'users/edit': 'PUT',
  'users/reidentify': 'PUT',
  'users/tags/edit': 'PUT',
  'users/unsubscribe': 'POST',
  'users/resubscribe': 'POST',
  'users/delete': 'POST',
  heartbeat: 'GET',
};
const BASE = '/api/v2/';

/** The endpoint of the Track API at a path, with or without `.json`. */
export function endpointAt(path: string): Endpoint | undefined {
  if (!path.startsWith(BASE)) return undefined;
  const name = path.slice(BASE.length).replace(/\.json$/, '');
  return Object.hasOwn(METHODS, name) ? (name as Endpoint) : undefined;
}

/** @throws {Refusal} 404 or 405 */
export function endpointOf(method: string | undefined, path: string): Endpoint {
  const endpoint = endpointAt(path);
  if (!endpoint) {
    throw new Refusal(
      404,
      `Not found: the inspector has ${Object.keys(METHODS).join(', ')} under /api/v2. Its page is at /.`,
    );
  }
  const allow = METHODS[endpoint];
  if (method !== allow) throw new Refusal(405, `Method not allowed: use ${allow}.`, { headers: { allow } });
  return endpoint;
}
