import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const EVENTS = 200;

const SCHEMAS = {
  zod: {
    imports: "import { z } from 'zod';",
    schema:
      "z.object({ title: z.string(), count: z.number(), kind: z.enum(['a', 'b']), note: z.string().optional(), nested: z.object({ id: z.string() }) })",
  },
  valibot: {
    imports: "import * as v from 'valibot';",
    schema:
      "v.object({ title: v.string(), count: v.number(), kind: v.picklist(['a', 'b']), note: v.optional(v.string()), nested: v.object({ id: v.string() }) })",
  },
  arktype: {
    imports: "import { type } from 'arktype';",
    schema:
      "type({ title: 'string', count: 'number', kind: \"'a' | 'b'\", 'note?': 'string', nested: { id: 'string' } })",
  },
  types: {
    imports: "import { event } from '@verotrack/core';",
    schema:
      "event<{ title: string; count: number; kind: 'a' | 'b'; note?: string; nested: { id: string } }>()",
  },
};

export type Library = keyof typeof SCHEMAS;
export const LIBRARIES = Object.keys(SCHEMAS) as readonly Library[];

export interface ProjectKind {
  /** What describes the 200 events, if anything does. */
  readonly library?: Library;
  /** Whether the client knows the descriptions; or else they only lie beside it. */
  readonly isCatalogue?: boolean;
}

/** Projects that emit 200 events in 200 places: half of them declared with a callback, half of them tracked. */
export class CatalogueProjects implements Disposable {
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'verotrack-catalogue-'));
  #made = 0;

  constructor() {
    const root = join(import.meta.dirname, '../../..');
    const modules = join(this.#folder, 'node_modules');
    mkdirSync(join(modules, '@verotrack'), { recursive: true });
    writeFileSync(join(this.#folder, 'package.json'), '{ "type": "module" }');
    for (const name of ['core', 'express'])
      symlinkSync(join(root, 'packages', name), join(modules, '@verotrack', name));
    for (const name of ['zod', 'valibot', 'arktype'])
      symlinkSync(join(root, 'packages/core/node_modules', name), join(modules, name));
  }

  /** Writes a project, with more code in it where given. @returns the path of its tsconfig.json */
  write({ library, isCatalogue = false }: ProjectKind, more = ''): string {
    const folder = join(this.#folder, String(this.#made++));
    const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
    mkdirSync(folder);
    if (library) write('events.ts', eventsOf(library, isCatalogue));
    write('client.ts', clientOf(isCatalogue));
    for (let file = 0; file < EVENTS / 10; file++) write(`places-${file}.ts`, placesOf(file));
    if (more) write('more.ts', `import { trackEvent, vero } from './client.ts';\n${more}\n`);
    const compilerOptions = {
      noEmit: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      module: 'nodenext',
      target: 'es2024',
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      types: [],
    };
    write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    return join(folder, 'tsconfig.json');
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

function eventsOf(library: Library, isCatalogue: boolean): string {
  const { imports, schema } = SCHEMAS[library];
  const entries = Array.from({ length: EVENTS }, (_, index) => `  event_${index}: ${schema},\n`).join('');
  if (!isCatalogue) return `${imports}\nexport const schemas = {\n${entries}};\n`;
  return `import { defineEvents } from '@verotrack/core';\n${imports}\nexport const events = defineEvents({\n${entries}});\n`;
}

function clientOf(isCatalogue: boolean): string {
  return `import { createVero } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
${isCatalogue ? "import { events } from './events.ts';" : ''}
export const vero = createVero({ ${isCatalogue ? 'events' : ''} });
export const { trackEvent } = expressTracking(vero);
`;
}

function placesOf(file: number): string {
  const lines = Array.from({ length: 10 }, (_, index) => {
    const name = `event_${file * 10 + index}`;
    if (index % 2 === 0)
      return `trackEvent('${name}', { data: ({ req }) => ({ title: req.path, count: 2, kind: 'a', nested: { id: req.url } }) });`;
    return `vero.track('${name}', { data: { title: 'x', count: 2, kind: 'a', nested: { id: 'x' } } });`;
  });
  return `import { trackEvent, vero } from './client.ts';\n${lines.join('\n')}\n`;
}
