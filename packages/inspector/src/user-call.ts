import type { UserEndpoint } from './endpoints.ts';
import type { People, Where } from './people.ts';
import { isEmail, isName, isObject } from './values.ts';

type Body = Readonly<Record<string, unknown>>;

/** What Vero would refuse of a call about a user, in words. */
export function callIssues(endpoint: UserEndpoint, body: Body): readonly string[] {
  const { id, email, development_mode: developmentMode } = body;
  const issues: string[] = [];
  const check = (ok: boolean, issue: string): unknown => ok || issues.push(issue);
  const isOptional = (value: unknown, is: (value: unknown) => boolean) => value === undefined || is(value);

  if (endpoint === 'users/unsubscribe' || endpoint === 'users/resubscribe') {
    check(id !== undefined || email !== undefined, 'id or email must be there');
    check(isOptional(id, isName), 'id must be a non-empty string of under 255 characters');
  } else {
    check(isName(id), 'id must be a non-empty string of under 255 characters');
  }
  check(isOptional(email, isEmail), 'email must be an e-mail address of under 255 characters');
  check(
    isOptional(developmentMode, (mode) => typeof mode === 'boolean'),
    'development_mode must be true or false',
  );
  if (endpoint === 'users/track') {
    check(isOptional(body.data, isObject), 'data must be an object');
    check(isOptional(body.channels, Array.isArray), 'channels must be a list');
  } else if (endpoint === 'users/edit') {
    check(isObject(body.changes), 'changes must be an object');
  } else if (endpoint === 'users/reidentify') {
    check(isName(body.new_id), 'new_id must be a non-empty string of under 255 characters');
  } else if (endpoint === 'users/tags/edit') {
    check(body.add !== undefined || body.remove !== undefined, 'add or remove must be there');
    for (const list of ['add', 'remove']) {
      check(
        isOptional(body[list], isTagList),
        `${list} must be a list of non-empty strings of under 255 characters`,
      );
    }
  }
  return issues;
}

/** Does to the profiles what the call says. It has no {@link callIssues}. */
export function applyCall(people: People, endpoint: UserEndpoint, body: Body, where: Where): void {
  const id = body.id as string;
  const email = body.email as string | undefined;
  switch (endpoint) {
    case 'users/track':
      return people.identify(id, { id, ...(email && { email }), ...(body.data as object) }, where);
    case 'users/edit':
      return people.identify(id, body.changes as Body, where);
    case 'users/reidentify':
      return people.reidentify(id, body.new_id as string, where);
    case 'users/tags/edit':
      return people.tag(id, (body.add ?? []) as string[], (body.remove ?? []) as string[], where);
    case 'users/delete':
      return people.delete(id, where.developmentMode);
    case 'users/unsubscribe':
    case 'users/resubscribe': {
      const isSubscribed = endpoint === 'users/resubscribe';
      const ids = id === undefined ? people.withEmail(email ?? '', where.developmentMode) : [id];
      for (const each of ids) people.subscribe(each, isSubscribed, where);
    }
  }
}

function isTagList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isName);
}
