import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { variableNames } from '../../../infra/config/index.ts';
import { cachedFolder } from '../../../scripts/cached-folder.ts';
import { goInstall } from '../../../scripts/go-install.ts';
import { canRunGo, canRunPython, pythonEnvironment } from '../../real/environment.ts';
import { bare, chart, least, most, type Values } from './values.ts';

const run = promisify(execFile);
const helmPackage = 'helm.sh/helm/v3/cmd/helm@v3.22.0';
const kubernetes = '1.34.0';
const hasPython = await canRunPython();

const container = z.object({
  command: z.array(z.string()),
  envFrom: z.array(z.object({ secretRef: z.object({ name: z.string() }) })),
  env: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  securityContext: z.looseObject({}),
  resources: z.object({ limits: z.object({ memory: z.string() }) }),
});
const workload = z.object({
  kind: z.enum(['Deployment', 'Job']),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    replicas: z.number().optional(),
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.object({ containers: z.tuple([container]), securityContext: z.looseObject({}) }),
    }),
  }),
});
const object = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.object({ name: z.string() }) });

describe.skipIf(!(await canRunGo()))('the chart', () => {
  let folder: string;
  let helm: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'armature-chart-'));
    const log = (line: string) => console.log(line);
    helm = join(
      await cachedFolder('helm', [helmPackage], (unfinished) =>
        goInstall({ name: 'Helm', packages: [helmPackage], folder: unfinished, log }),
      ),
      'helm',
    );
  }, 900_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function render(values: Values): Promise<{ file: string; objects: z.infer<typeof object>[] }> {
    const given = join(folder, 'values.json');
    await writeFile(given, JSON.stringify(values));
    await run(helm, ['lint', '--strict', '--kube-version', kubernetes, chart, '-f', given]);
    const args = ['template', 'team', chart, '--namespace', 'armature', '--kube-version', kubernetes, '-f', given];
    const { stdout } = await run(helm, args, { maxBuffer: 16 * 1024 * 1024 });
    const file = join(folder, 'rendered.yaml');
    await writeFile(file, stdout);
    const documents = parseAllDocuments(stdout).map((document): unknown => document.toJS());
    return { file, objects: documents.filter((document) => document !== null).map((found) => object.parse(found)) };
  }
  const workloadsOf = (objects: z.infer<typeof object>[]) =>
    objects.flatMap((found) => {
      const { success, data } = workload.safeParse(found);
      expect(success, found.metadata.name).toBe(['Deployment', 'Job'].includes(found.kind));
      return data ? [data] : [];
    });
  const namesOf = (objects: z.infer<typeof object>[]) =>
    objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();

  it('has an api, a worker for each queue, and what keeps them up and apart', async () => {
    const { objects } = await render(least);
    expect(namesOf(objects)).toEqual([
      'Deployment team-api',
      'Deployment team-worker-checks',
      'Deployment team-worker-runs',
      'Deployment team-worker-system',
      'Job team-migrate',
      'NetworkPolicy team-api',
      'NetworkPolicy team-no-ingress',
      'PodDisruptionBudget team-api',
      'PodDisruptionBudget team-worker-checks',
      'PodDisruptionBudget team-worker-runs',
      'PodDisruptionBudget team-worker-system',
      'Service team-api',
      'ServiceAccount team',
    ]);
    expect(namesOf((await render(bare)).objects)).toEqual([
      'Deployment team-api',
      'Deployment team-worker-checks',
      'Deployment team-worker-runs',
      'Deployment team-worker-system',
      'Service team-api',
      'ServiceAccount team',
    ]);
    // One copy needs no budget, which would only keep its node from being drained.
    expect(namesOf((await render(most)).objects)).toEqual([
      'Deployment team-api',
      'Deployment team-worker-checks',
      'Deployment team-worker-runs',
      'Deployment team-worker-system',
      'Ingress team',
      'Job team-migrate',
      'NetworkPolicy team-api',
      'NetworkPolicy team-egress',
      'NetworkPolicy team-no-ingress',
      'PodDisruptionBudget team-api',
      'PodDisruptionBudget team-worker-checks',
      'ScaledObject team-worker-checks',
      'ScaledObject team-worker-runs',
      'Service team-api',
      'ServiceAccount team',
    ]);
  });

  it('confines every container, and starts programs of the repository', async () => {
    const workloads = workloadsOf((await render(most)).objects);
    expect(workloads).toHaveLength(5);
    for (const { metadata, spec } of workloads) {
      const [{ command, securityContext }] = spec.template.spec.containers;
      expect(command[0], metadata.name).toBe('node');
      expect(existsSync(command[1] ?? ''), metadata.name).toBe(true);
      expect(securityContext, metadata.name).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(spec.template.spec.securityContext, metadata.name).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    }
  });

  it('gives each process every variable, and each worker its queue', async () => {
    const decided = ['ARMATURE_QUEUES', 'HOST', 'PORT'];
    const secret = /(_KEYS?|_SECRET|_TOKEN|_HEADERS|DATABASE_URL)$/;
    const open = variableNames.filter((name) => !decided.includes(name) && !secret.test(name));
    const workloads = workloadsOf(
      (await render({ ...least, env: { ...Object.fromEntries(open.map((name) => [name, `of ${name}`])) } })).objects,
    );
    const queues: string[] = [];
    for (const { metadata, spec } of workloads) {
      const [{ env, envFrom }] = spec.template.spec.containers;
      const names = env.map(({ name }) => name);
      expect(new Set(names).size, metadata.name).toBe(names.length);
      expect(env, metadata.name).toEqual(expect.arrayContaining(open.map((name) => ({ name, value: `of ${name}` }))));
      expect(
        envFrom.map(({ secretRef }) => secretRef.name),
        metadata.name,
      ).toEqual(metadata.name === 'team-migrate' ? ['armature', 'armature-migration'] : ['armature']);
      queues.push(...env.filter(({ name }) => name === 'ARMATURE_QUEUES').map(({ value }) => value));
    }
    expect(queues.toSorted()).toEqual(['checks', 'runs', 'system']);
  });

  it('scales by the backlog in Temporal, under the name that the queue has there', async () => {
    const { objects } = await render(most);
    const [checks, runs] = objects
      .filter(({ kind }) => kind === 'ScaledObject')
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    expect(checks).toMatchObject({ spec: { triggers: [{ metadata: { taskQueue: 'blue-checks' } }] } });
    expect(runs).toMatchObject({
      spec: {
        scaleTargetRef: { name: 'team-worker-runs' },
        minReplicaCount: 1,
        maxReplicaCount: 20,
        triggers: [
          {
            type: 'temporal',
            metadata: {
              endpoint: 'team.a1b2c.tmprl.cloud:7233',
              namespace: 'team.a1b2c',
              taskQueue: 'blue-runs',
              targetQueueSize: '10',
            },
            authenticationRef: { name: 'temporal-cloud' },
          },
        ],
      },
    });
    // Otherwise each upgrade would undo what the scaler did.
    for (const { metadata, spec } of workloadsOf(objects))
      if (/worker-(runs|checks)$/.test(metadata.name)) expect(spec.replicas, metadata.name).toBeUndefined();
  });

  it('is refused with values that the schema does not know', async () => {
    await expect(render({ ...least, replicaCount: 3 })).rejects.toThrow('1 chart(s) failed');
  });

  it.skipIf(!hasPython).each([
    ['the least', least],
    ['the most', most],
    ['bare', bare],
  ])('is what Kubernetes takes: %s', async (_, values) => {
    const python = await pythonEnvironment('kubernetes');
    const { file, objects } = await render(values);
    // The kinds of KEDA are not Kubernetes' own.
    const own = objects.filter(({ apiVersion }) => !apiVersion.startsWith('keda.sh/'));
    await writeFile(file, own.map((found) => JSON.stringify(found)).join('\n---\n'));
    const check = () => run(python, ['-m', 'kubernetes_validate', '--strict', '-k', '1.34', file]);
    await check();

    await writeFile(
      file,
      JSON.stringify({ ...own.find(({ kind }) => kind === 'Deployment'), spec: { replicas: 'two' } }),
    );
    await expect(check()).rejects.toMatchObject({ stdout: expect.stringContaining('replicas') });
  });
});
