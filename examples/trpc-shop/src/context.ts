import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { User, Users } from '@verotrack/example-shop';
import { jwtVerify, SignJWT } from 'jose';

export interface Context {
  /** Who is logged in. */
  readonly user: User | undefined;
  readonly res: ServerResponse;
}

const key = randomBytes(32);

/** A signed token that says who somebody is. */
export function issueToken(user: User): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user.id)
    .setExpirationTime('1h')
    .sign(key);
}

export function contextOf(users: Users) {
  return async ({
    req,
    res,
  }: {
    readonly req: IncomingMessage;
    readonly res: ServerResponse;
  }): Promise<Context> => {
    const token = req.headers.authorization?.match(/^Bearer (.+)$/)?.[1];
    return { user: users.find(token && (await userIdIn(token))), res };
  };
}

/** @returns `undefined` for a token that is not ours, or too old */
async function userIdIn(token: string): Promise<string | undefined> {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'] });
    return payload.sub;
  } catch {
    return undefined;
  }
}
