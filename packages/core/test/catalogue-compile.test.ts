import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { CatalogueProjects, type Library } from '../bench/catalogue-project.ts';

const EVENTS = 200;
const tsc = join(import.meta.dirname, '../../../node_modules/typescript/bin/tsc');
const projects = new CatalogueProjects();
afterAll(() => projects[Symbol.dispose]());

/** What the compiler prints about a project. */
async function compile(config: string, ...options: string[]): Promise<string> {
  const run = promisify(execFile)(process.execPath, [tsc, '-p', config, ...options]);
  const { stdout } = await run.catch((failed: { stdout: string }) => failed);
  return stripVTControlCharacters(stdout);
}

describe('what the compiler says of an event', () => {
  // Each line is wrong in one place, and the compiler is to name the event and what is wrong with it.
  const wrong: readonly (readonly [code: string, ...messages: string[]])[] = [
    [
      "vero.track('event_7', { data: { title: 'x', count: 1, kind: 'a', nested: { id: 'x' }, colour: 1 } });",
      `'colour' does not exist in type 'DataOf<"event_7",`,
    ],
    [
      "vero.track('event_7', { data: { title: 'x', count: '1', kind: 'a', nested: { id: 'x' } } });",
      "Type 'string' is not assignable to type 'number'",
      `The expected type comes from property 'count' which is declared here on type 'DataOf<"event_7",`,
    ],
    [
      "vero.track('event_7', { data: { title: 'x', count: 1, nested: { id: 'x' } } });",
      `Property 'kind' is missing in type`,
      `but required in type 'DataOf<"event_7",`,
    ],
    [
      "vero.track('event_seven', {});",
      `Argument of type '"event_seven"' is not assignable to parameter of type '"event_0"`,
    ],
    [
      "trackEvent('event_8', { data: () => ({ title: 'x', count: 1, kind: 'a', nested: { id: 'x' }, colour: 1 }) });",
      `Type 'number' is not assignable to type '"\\"colour\\" is no property of event \\"event_8\\""'`,
    ],
    [
      "trackEvent('event_8', { data: async () => ({ title: 'x', count: 1, kind: 'a', nested: { id: 'x', at: 1 } }) });",
      `Type 'number' is not assignable to type '"\\"at\\" is no property of event \\"event_8\\""'`,
    ],
    [
      "trackEvent('event_8', { data: () => ({ title: 'x', count: '1', kind: 'a', nested: { id: 'x' } }) });",
      `is not assignable to type 'DataOf<"event_8",`,
      "Types of property 'count' are incompatible",
    ],
  ];
  const output = compile(
    projects.write({ library: 'zod', isCatalogue: true }, wrong.map(([code]) => code).join('\n')),
    '--pretty',
  );

  it.each(wrong.map(([code, ...messages], index) => ({ code, messages, line: index + 2 })))(
    'names the event and the property: $code',
    async ({ messages, line }) => {
      const errors = (await output).split(/(?=^\S*more\.ts:)/m);
      const error = errors.find((each) => each.includes(`more.ts:${line}:`));
      for (const message of messages) expect(error?.replaceAll(/\s+/g, ' ')).toContain(message);
    },
  );

  it('is nothing where nothing is wrong', async () => {
    expect((await output).match(/more\.ts:\d+:\d+ - error/g)).toHaveLength(wrong.length);
    expect(await output).not.toMatch(/places-\d+\.ts/);
  });
});

describe('what a catalogue costs the compiler', () => {
  // Counted, not timed: the figures of time are in docs/catalogue.md.
  it.each<Library>(['zod', 'valibot', 'arktype', 'types'])(
    'grows with the events that there are, and no faster, with %s',
    async (library) => {
      const count = async (isCatalogue: boolean): Promise<number> => {
        const config = projects.write({ library, isCatalogue });
        const output = await compile(config, '--extendedDiagnostics', '--singleThreaded');
        return Number(/Instantiations:\s+(\d+)/.exec(output)?.[1]);
      };
      const perEvent = ((await count(true)) - (await count(false))) / EVENTS;
      expect(perEvent).toBeGreaterThan(100);
      expect(perEvent).toBeLessThan(2_500);
    },
  );
});
