import { Module } from '@nestjs/common';
import { pickIdentity } from '@verotrack/core';
import { VeroModule } from '@verotrack/nestjs';
import { AppController } from './app.controller.js';
import { AppService } from './app.service.js';

const users = [{ id: '42', email: 'jane@example.com', passwordHash: 'not for anybody' }];

@Module({
  imports: [
    VeroModule.forRoot({
      identify: ({ request }) =>
        pickIdentity(
          users.find(({ id }) => id === request.headers.authorization),
          ['id', 'email'],
        ),
    }),
  ],
  controllers: [AppController],
  providers: [AppService],
})
export class AppModule {}
