import { expect } from 'vitest';
import {
  buildTrackPayload,
  InvalidEventError,
  type PayloadOptions,
  type TrackPayload,
} from '../src/index.ts';

const authToken = 'tok_secret_validation';

/** What is wrong with an event, as `path: message`. */
export function issues(event: unknown, options: Partial<PayloadOptions> = {}): string[] {
  try {
    buildTrackPayload(event as never, { authToken, ...options });
    return [];
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(InvalidEventError);
    return (thrown as InvalidEventError).issues.map(({ path, message }) => `${path}: ${message}`);
  }
}

/** Where something is wrong with an event. */
export const paths = (event: unknown, options?: Partial<PayloadOptions>): string[] =>
  issues(event, options).map((issue) => issue.slice(0, issue.indexOf(': ')));

/** The payload of an event that is otherwise right. */
export const build = (event: object): TrackPayload =>
  buildTrackPayload({ name: 'n', identity: { id: '1' }, ...event } as never, { authToken });
