import { mask } from './credential.ts';
import type { ReceivedEvent } from './event-log.ts';
import type { Payload } from './payload.ts';
import { Refusal } from './refusal.ts';
import { isEmail, isName, isObject, isText, isTime } from './values.ts';

/** @throws {Refusal} 400 or 401 */
export function checkCredential(credential: unknown, authToken: string | undefined): string {
  if (!isText(credential)) {
    throw new Refusal(400, 'Missing parameter: auth_token must be a non-empty string.');
  }
  if (authToken !== undefined && credential !== authToken) {
    throw new Refusal(401, 'Bad credentials: auth_token is not the one this inspector was started with.');
  }
  return credential;
}

/** @throws {Refusal} 400 or 401 */
export function toEvent(payload: Payload, receivedAt: Date, authToken?: string): ReceivedEvent {
  const credential = checkCredential(payload.credential, authToken);
  const issues = eventIssues(payload.body);
  if (issues.length > 0) throw Refusal.of(issues);
  const {
    event_name: name,
    identity,
    data,
    development_mode: developmentMode = false,
    extras,
  } = payload.body;
  return Object.freeze({
    receivedAt,
    name: name as string,
    identity: identity as ReceivedEvent['identity'],
    data: data as ReceivedEvent['data'],
    developmentMode: developmentMode as boolean,
    extras: extras as ReceivedEvent['extras'],
    body: payload.body,
    credential: mask(credential),
  });
}

/** What Vero would refuse of an event, in words. */
export function eventIssues(body: Readonly<Record<string, unknown>>): readonly string[] {
  const { event_name: name, identity, data, development_mode: developmentMode, extras } = body;
  const issues: string[] = [];
  const check = (ok: boolean, issue: string): unknown => ok || issues.push(issue);

  check(isName(name), 'event_name must be a non-empty string of under 255 characters');
  if (isObject(identity)) {
    const { id, email } = identity;
    check(isName(id), 'identity.id must be a non-empty string of under 255 characters');
    check(
      email === undefined || isEmail(email),
      'identity.email must be an e-mail address of under 255 characters',
    );
  } else {
    issues.push('identity must be an object with an id');
  }
  check(data === undefined || isObject(data), 'data must be an object');
  check(
    developmentMode === undefined || typeof developmentMode === 'boolean',
    'development_mode must be true or false',
  );
  check(extras === undefined || isObject(extras), 'extras must be an object');
  const createdAt = isObject(extras) ? extras.created_at : undefined;
  check(createdAt === undefined || isTime(createdAt), 'extras.created_at must be a time in ISO 8601');
  return issues;
}
