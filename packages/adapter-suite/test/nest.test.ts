import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { nestHost } from '../src/hosts/nest.ts';
import { adapterSuite } from '../src/index.ts';

adapterSuite(nestHost('Nest 12 on Express', () => new ExpressAdapter()));
adapterSuite(nestHost('Nest 12 on Fastify', () => new FastifyAdapter()));
