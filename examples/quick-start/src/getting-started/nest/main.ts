// #region main
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.ts';

async function bootstrap(): Promise<void> {
  const app = await NestFactory.create(AppModule);
  app.enableShutdownHooks(); // At SIGTERM the module delivers what waits.
  await app.listen(Number(process.env.PORT ?? 3000), 'localhost');
}
await bootstrap();
// #endregion
