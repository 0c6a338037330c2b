import core from '@nestjs/core/package.json' with { type: 'json' };
import { ExpressAdapter } from '@nestjs/platform-express';
import { expect, test } from 'vitest';
import { nestHost } from '../src/hosts/nest.ts';
import { adapterSuite } from '../src/index.ts';

test('this is Nest 11', () => {
  expect(core.version).toMatch(/^11\./);
});

adapterSuite(nestHost('Nest 11 on Express', () => new ExpressAdapter()));
