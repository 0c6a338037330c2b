import 'reflect-metadata';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import {
  All,
  applyDecorators,
  BadRequestException,
  Body,
  type CanActivate,
  Controller,
  type ExecutionContext,
  HttpException,
  Module,
  type PipeTransform,
  Req,
  Res,
  StreamableFile,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import type { Vero } from '@verotrack/core';
import {
  type NestContext,
  type NestRequestContext,
  TrackEvent,
  type TrackedRequest,
  VeroModule,
} from '@verotrack/nestjs';
import {
  type Facts,
  type Host,
  type Input,
  Refusal,
  type Scenario,
  Streamed,
  type User,
  userOf,
} from '../scenario.ts';
import {
  adapterOptions,
  applied,
  declarationOptions,
  httpRequest,
  isBodiless,
  withErrors,
} from './neutral.ts';

export interface UserRequest extends TrackedRequest {
  user?: User | undefined;
}

/** What Express's response and Fastify's reply have in common. */
interface PlatformResponse {
  readonly raw?: ServerResponse;
  status(code: number): unknown;
  header(name: string, value: string): unknown;
}

export const rawOf = (response: PlatformResponse): ServerResponse =>
  response.raw ?? (response as unknown as ServerResponse);

const factsOf = ({ request, result }: NestContext<unknown, UserRequest>): Facts => ({
  user: request.user,
  input: (request.body as Input | undefined) ?? {},
  result,
});

/** `adapter` makes the platform: Express or Fastify, of whichever version. */
export function nestHost(name: string, adapter: () => AbstractHttpAdapter): Host {
  return {
    name,
    kind: 'http',
    seesResponse: true,
    seesErrors: true,
    request: httpRequest,
    resultOf: (body) => JSON.parse(body),
    start: async (scenario, clients) => {
      const options = adapterOptions(
        scenario.options,
        ({ request }: NestRequestContext<UserRequest>) => request.user,
      );
      const modules = clients.map((client) => VeroModule.forRoot<UserRequest>({ client, ...options }));
      const [vero] = clients;
      if (!vero) throw new Error('no client');

      @Module({ imports: modules, controllers: [controllerOf(scenario, vero)] })
      class App {}

      const app = await NestFactory.create(App, adapter(), { logger: false, abortOnError: false });
      await app.listen(0, '127.0.0.1');
      const server = app.getHttpServer();
      return {
        url: await app.getUrl(),
        close: async () => {
          server.closeAllConnections();
          await app.close();
        },
      };
    },
  };
}

/** Puts the user on the request, as guards do. */
function authGuard(isStrict: boolean): CanActivate {
  return {
    canActivate: (context: ExecutionContext) => {
      const request = context.switchToHttp().getRequest<UserRequest>();
      const { 'x-user': id } = request.headers;
      if (typeof id === 'string') request.user = userOf(id);
      else if (isStrict) throw new UnauthorizedException();
      return true;
    },
  };
}

function notePipe(isStrict: boolean): PipeTransform {
  return {
    transform: (body: Input | undefined) => {
      if (isStrict && typeof body?.note !== 'string') throw new BadRequestException();
      return body;
    },
  };
}

function controllerOf(scenario: Scenario, vero: Vero) {
  const tracked = applied(scenario, (each) =>
    TrackEvent<unknown, UserRequest>(each.name, declarationOptions(each, factsOf)),
  );

  @Controller()
  @UseGuards(authGuard(scenario.guarded ?? false))
  class ScenarioController {
    @All('route')
    @applyDecorators(...tracked)
    handle(
      @Req() request: UserRequest,
      @Res({ passthrough: true }) response: PlatformResponse,
      @Body(notePipe(scenario.validated ?? false)) input: Input | undefined,
    ): unknown {
      let status = 200;
      const work = {
        vero,
        input: input ?? {},
        status: (code: number) => {
          status = code;
        },
        left: once(rawOf(response), 'close'),
        logIn: (user: User | undefined) => {
          request.user = user;
        },
        user: request.user,
      };
      const answer = (result: unknown): unknown => {
        response.status(status);
        if (status >= 300 && status < 400) response.header('location', '/elsewhere');
        if (result instanceof Streamed)
          return new StreamableFile(Readable.from(result.chunks, { objectMode: false }));
        return isBodiless(status) ? undefined : (result ?? {});
      };
      const result = withErrors(() => scenario.handle(work), toHttpException);
      return result instanceof Promise ? result.then(answer) : answer(result);
    }
  }
  return ScenarioController;
}

function toHttpException(thrown: unknown): unknown {
  return thrown instanceof Refusal ? new HttpException(thrown.message, thrown.status) : thrown;
}
