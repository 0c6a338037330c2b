import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { createVero } from '@verotrack/core';
import { describe, expect, test } from 'vitest';
import { readCommandLine } from '../../../packages/pg-boss/src/command-line.ts';
import { listen } from '../../test-helpers/listen.ts';
import { createApp } from '../src/servers/app.ts';
import { EVENTS_MS, REQUESTS_MS } from '../src/servers/serve.ts';
import { deployFile, inImage, manifest } from './deploy-files.ts';

interface Container {
  readonly name: string;
  readonly command: readonly string[];
  readonly ports?: readonly { readonly containerPort: number }[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly readinessProbe?: { readonly httpGet: { readonly path: string; readonly port: number } };
  readonly livenessProbe?: unknown;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Workload {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly selector: { readonly matchLabels: Record<string, string> };
    readonly serviceName?: string;
    readonly template: {
      readonly metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly [Container];
      };
    };
    readonly volumeClaimTemplates?: readonly {
      readonly metadata: { readonly name: string };
      readonly spec: { readonly accessModes: readonly string[] };
    }[];
  };
}

const env = { DATABASE_URL: 'postgres://shop@localhost/shop' };
const packageOfPgBoss = readFileSync(inImage('../../packages/pg-boss/package.json'), 'utf8');
const [workerCommand] = Object.keys(JSON.parse(packageOfPgBoss).bin);

/** What the worker makes of the arguments; it refuses what it does not know. */
function workerOf([file = '', ...args]: readonly string[]) {
  expect(file.split('/').at(-1)).toBe(workerCommand);
  const line = readCommandLine(args, env);
  if (line.command !== 'worker') throw new Error(`No worker: ${line.command}`);
  return line;
}

describe("the fleet's worker", () => {
  test('is a Deployment that waits for longer than the worker takes to end', () => {
    const { apiVersion, kind, spec } = manifest<Workload>('worker.yaml');
    expect([apiVersion, kind]).toEqual(['apps/v1', 'Deployment']);
    expect(spec.selector.matchLabels).toEqual(spec.template.metadata.labels);
    const pod = spec.template.spec;
    const { closeTimeoutMs, monitor } = workerOf(pod.containers[0].command);
    expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(closeTimeoutMs);
    expect(monitor?.host).toBe('0.0.0.0');
    expect(spec.template.metadata.annotations?.['prometheus.io/port']).toBe(String(monitor?.port));
    // A worker that is paused is not mended by a restart.
    expect(pod.containers[0].livenessProbe).toBeUndefined();
  });

  test('is started alike in the image of the same page', () => {
    const fleet = readFileSync(inImage('../../docs/fleet.md'), 'utf8');
    const [, command = ''] = /`CMD (\[.*?\])`/.exec(fleet) ?? [];
    const { spec } = manifest<Workload>('worker.yaml');
    expect(JSON.parse(command)).toEqual(spec.template.spec.containers[0].command);
  });

  test('is a systemd unit that does, too', () => {
    const [section, ...lines] = deployFile('verotrack-worker.service').trim().split('\n');
    expect(section).toBe('[Service]');
    const unit = Object.fromEntries(lines.map((line) => line.split(/=(.*)/).slice(0, 2)));
    const { closeTimeoutMs, monitor } = workerOf(unit.ExecStart.split(' '));
    expect(Number(unit.TimeoutStopSec) * 1_000).toBeGreaterThan(closeTimeoutMs);
    expect(monitor?.host).toBe('127.0.0.1');
  });
});

describe.each([
  ['shop.yaml', 'Deployment'],
  ['durable-shop.yaml', 'StatefulSet'],
])('%s', (file, kind) => {
  const workload = manifest<Workload>(file);
  const pod = workload.spec.template.spec;
  const [container] = pod.containers;

  test(`is a ${kind} of its own pods`, () => {
    expect([workload.apiVersion, workload.kind]).toEqual(['apps/v1', kind]);
    expect(workload.spec.selector.matchLabels).toEqual(workload.spec.template.metadata.labels);
  });

  test('starts a file that is there, without a shell in between', () => {
    const [command, path = ''] = container.command;
    expect(command).toBe('node');
    expect(existsSync(inImage(path))).toBe(true);
  });

  test('waits for longer than requests and events may take', () => {
    const preStopMs = (container.lifecycle?.preStop.sleep.seconds ?? 0) * 1_000;
    expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(preStopMs + REQUESTS_MS + EVENTS_MS);
  });

  test('asks for a page that there is, at the port that is open', async () => {
    const { path = '', port } = container.readinessProbe?.httpGet ?? {};
    expect(container.ports).toEqual([{ containerPort: port }]);
    const url = await listen(createApp(createVero({ enabled: false, authToken: 'tok_secret_of_a_probe' })));
    expect((await fetch(url + path)).status).toBe(200);
  });
});

test('the StatefulSet keeps the file on a volume that one pod has', () => {
  const { spec } = manifest<Workload>('durable-shop.yaml');
  const [{ env: variables = [], volumeMounts = [] }] = spec.template.spec.containers;
  const path = variables.find(({ name }) => name === 'EVENTS_FILE')?.value ?? '';
  expect(volumeMounts).toEqual([{ name: 'events', mountPath: dirname(path) }]);
  expect(spec.volumeClaimTemplates?.map(({ metadata }) => metadata.name)).toEqual(['events']);
  expect(spec.volumeClaimTemplates?.[0]?.spec.accessModes).toEqual(['ReadWriteOncePod']);
});

test('the image starts a file that is there, as its first process and not as root', () => {
  const instructions = deployFile('Dockerfile')
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.split(/ (.*)/).slice(0, 2));
  expect(instructions.map(([name]) => name)).toEqual([
    'FROM',
    'WORKDIR',
    'ENV',
    'COPY',
    'RUN',
    'COPY',
    'USER',
    'CMD',
  ]);
  const [command, file] = JSON.parse(Object.fromEntries(instructions).CMD) as [string, string];
  expect(command).toBe('node');
  expect(existsSync(inImage(file))).toBe(true);
  expect(Object.fromEntries(instructions).USER).toBe('node');
});

test('pm2 waits for longer than requests and events may take', () => {
  const { apps } = createRequire(import.meta.url)('../deploy/ecosystem.config.cjs');
  expect(apps).toHaveLength(1);
  const [{ script, kill_timeout, wait_ready }] = apps;
  expect(kill_timeout).toBeGreaterThan(REQUESTS_MS + EVENTS_MS);
  expect(wait_ready).toBe(true);
  // What the compiler makes of it.
  const source = script.replace('dist/', 'src/servers/').replace(/js$/, 'ts');
  expect(existsSync(inImage(source))).toBe(true);
});
