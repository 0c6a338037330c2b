import { randomBytes } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import { type User, Users } from '@verotrack/example-shop';
import type { TrackedRequest } from '@verotrack/nestjs';
import { jwtVerify, SignJWT } from 'jose';

/** A request of this shop: the guard puts the user on it. */
export interface ShopRequest extends TrackedRequest {
  user?: User;
}

/** The same, behind the guard. */
export type LoggedIn = ShopRequest & { readonly user: User };

/** Signed tokens that say who somebody is. */
@Injectable()
export class Tokens {
  readonly #key = randomBytes(32);

  issue(user: User): Promise<string> {
    return new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(user.id)
      .setExpirationTime('1h')
      .sign(this.#key);
  }

  /** @returns the user's id, or `undefined` for a token that is not ours, or too old */
  async read(token: string): Promise<string | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#key, { algorithms: ['HS256'] });
      return payload.sub;
    } catch {
      return undefined;
    }
  }
}

@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly tokens: Tokens,
    private readonly users: Users,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ShopRequest>();
    const token = request.headers.authorization?.match(/^Bearer (.+)$/)?.[1];
    const user = this.users.find(token && (await this.tokens.read(token)));
    if (!user) throw new UnauthorizedException();
    request.user = user;
    return true;
  }
}
