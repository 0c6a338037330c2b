import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pickIdentity, type Vero } from '@verotrack/core';
import { type ExpressContext, expressTracking } from '@verotrack/express';
import express, { type Application } from 'express';
import { withApp } from '../src/app.ts';
import type { Bench } from '../src/bench.ts';
import { answerError } from '../src/hosts/express.ts';
import { listening } from '../src/hosts/listening.ts';

const express4 = createRequire(import.meta.url)('express-4') as typeof express;

/** The oldest and the newest that we support. */
export const frameworks: readonly (readonly [name: string, framework: typeof express])[] = [
  ['Express 5', express],
  ['Express 4', express4],
];

const options = { identify: ({ req }: ExpressContext) => pickIdentity(req.user, ['id', 'email']) };
export const trackingOf = (vero: Vero) => expressTracking(vero, options);

/** Serves what `build` puts into an application. */
export const servedBy =
  (framework: typeof express) =>
  (build: (app: Application, vero: Vero) => void, test: (bench: Bench) => Promise<void>): Promise<void> =>
    withApp((vero) => {
      const app = framework();
      app.use(framework.json());
      build(app, vero);
      app.use(answerError);
      return listening(createServer(app));
    }, test);
