// #region schedule
import { Injectable, Logger, Module } from '@nestjs/common';
import { Cron, ScheduleModule } from '@nestjs/schedule';
import { pickIdentity, type Vero } from '@verotrack/core';
import { InjectVero, VeroModule } from '@verotrack/nestjs';
import { endTrial, type User, usersWhoseTrialIsOver } from '../your-app.ts';

@Injectable()
export class Trials {
  readonly #logger = new Logger(Trials.name);

  constructor(@InjectVero() private readonly vero: Vero) {}

  @Cron('0 6 * * *', { name: 'trials', waitForCompletion: true })
  async endAll(): Promise<void> {
    for (const user of await usersWhoseTrialIsOver())
      await this.end(user).catch((error) => this.#logger.error(error.message));
  }

  private async end(user: User): Promise<void> {
    await this.vero.run({ identity: pickIdentity(user, ['id', 'email']) }, async () => {
      this.vero.trackOnSuccess('trial_ended', { data: { plan: user.plan } });
      await endTrial(user);
    });
  }
}

@Module({ imports: [VeroModule.forRoot(), ScheduleModule.forRoot()], providers: [Trials] })
export class JobsModule {}
// #endregion
