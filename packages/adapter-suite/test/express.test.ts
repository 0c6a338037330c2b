import { createRequire } from 'node:module';
import express from 'express';
import { expressHost } from '../src/hosts/express.ts';
import { adapterSuite } from '../src/index.ts';

const express4 = createRequire(import.meta.url)('express-4') as typeof express;

adapterSuite(expressHost('Express 5', express));
adapterSuite(expressHost('Express 4', express4));
