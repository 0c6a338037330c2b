import 'reflect-metadata';
import { Controller, Delete, Get, Module, Post } from '@nestjs/common';
import { defineEvents } from '@verotrack/core';
import { createTracking, SkipTracking, TrackEvent, VeroModule } from '@verotrack/nestjs';
import { definePlan } from '@verotrack/plan';
import { z } from 'zod';

const events = defineEvents({
  viewed: z.object({ page: z.string() }),
  deleted: z.undefined(),
  listed: z.undefined(),
});
const { TrackEvent: TrackKnown } = createTracking(events);

/** What nothing but a running application has. */
class Database {
  constructor() {
    throw new Error('There is no database.');
  }
}

class Listing {
  @Get()
  @TrackEvent('listed', { when: () => true })
  list(): string {
    return 'all';
  }
}

@Controller('products')
export class Products extends Listing {
  @Get(':id')
  @TrackKnown('viewed', { data: () => ({ page: 'product' }), on: 'handled' })
  view(): string {
    return 'one';
  }

  @Delete(':id')
  @TrackEvent('deleted', { identify: () => ({ id: 1 }) })
  delete(): string {
    return 'none';
  }

  @Post()
  @SkipTracking()
  @TrackEvent('deleted')
  skipped(): string {
    return 'added';
  }
}

@Controller(['health', 'ready'])
class Health {
  @Get(['live', '/'])
  @TrackEvent('unknown')
  health(): string {
    return 'ok';
  }
}

class Job {
  @TrackEvent('deleted')
  run(): void {}
}

export const tracking = VeroModule.forRoot({ events, identify: () => ({ id: 1 }) });

@Module({
  imports: [tracking],
  controllers: [Products, Health],
  providers: [Database, Job],
})
export class AppModule {}

// #region entry
export const plan = definePlan({ title: 'The catalogue of products', module: AppModule });
// #endregion
