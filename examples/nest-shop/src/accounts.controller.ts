import { Body, ConflictException, Controller, HttpCode, Post, UnauthorizedException } from '@nestjs/common';
import { pickIdentity } from '@verotrack/core';
import { type User, Users } from '@verotrack/example-shop';
import type { NestContext } from '@verotrack/nestjs';
import { z } from 'zod';
import { Tokens } from './auth.ts';
import { TrackEvent } from './tracking.ts';

const credentials = z.object({ email: z.email(), password: z.string().min(8) });
type Credentials = z.infer<typeof credentials>;

type Account = Omit<User, 'passwordHash'>;

@Controller()
export class AccountsController {
  constructor(
    private readonly users: Users,
    private readonly tokens: Tokens,
  ) {}

  // #region sign-up
  // Nobody is logged in yet: who signed up is known by the result.
  @Post('signup')
  @TrackEvent('signed_up', {
    identify: ({ result }: NestContext<Account>) => pickIdentity(result, ['id', 'email', 'plan']),
  })
  async signUp(@Body({ schema: credentials }) { email, password }: Credentials): Promise<Account> {
    const user = await this.users.signUp(email, password);
    if (!user) throw new ConflictException('This e-mail address has an account.');
    return accountOf(user);
  }
  // #endregion

  @Post('login')
  @HttpCode(200)
  @TrackEvent('logged_in', {
    identify: ({ result }: NestContext<{ account: Account }>) =>
      pickIdentity(result.account, ['id', 'email', 'plan']),
  })
  async logIn(
    @Body({ schema: credentials }) { email, password }: Credentials,
  ): Promise<{ account: Account; token: string }> {
    const user = await this.users.logIn(email, password);
    if (!user) throw new UnauthorizedException('The e-mail address or the password is wrong.');
    return { account: accountOf(user), token: await this.tokens.issue(user) };
  }
}

function accountOf({ id, email, plan }: User): Account {
  return { id, email, plan };
}
