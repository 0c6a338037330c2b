// #region example
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  type HealthIndicatorResult,
  HealthIndicatorService,
  TerminusModule,
} from '@nestjs/terminus';
import type { Vero } from '@verotrack/core';
import { InjectVero, VeroModule } from '@verotrack/nestjs';

@Injectable()
export class TrackingHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    @InjectVero() private readonly vero: Vero,
  ) {}

  check(): HealthIndicatorResult {
    const { ok, reasons, pending } = this.vero.health();
    const indicator = this.indicators.check('tracking');
    // `degraded` keeps the answer at 200: what can't be delivered now is kept, and the server can do its work.
    return ok ? indicator.up({ pending }) : indicator.degraded({ pending, reasons });
  }
}

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly tracking: TrackingHealth,
  ) {}

  @Get('live')
  live(): { status: string } {
    return { status: 'ok' }; // nothing of tracking: a restart mends nothing there
  }

  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.tracking.check()]);
  }
}

@Module({ imports: [TerminusModule], controllers: [HealthController], providers: [TrackingHealth] })
export class HealthModule {}
// #endregion

@Module({ imports: [VeroModule.forRoot({ identify: () => null }), HealthModule] })
export class AppModule {}
