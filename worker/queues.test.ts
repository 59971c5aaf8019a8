import { afterEach, expect, it } from 'vitest';
import type { TaskQueue } from '../domain/run/ids.ts';
import { examineWorkers } from '../scripts/operation/examine/temporal.ts';
import { readiness } from '../services/installation/readiness.ts';
import { type TestDeps, testDeps } from '../tests/support/setup/context.ts';
import { startTestWorker } from '../tests/support/setup/worker.ts';
import type { RunningWorker } from './start.ts';

let test: TestDeps;
const workers: RunningWorker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await test?.close();
});

const startWorkerOf = async (...queues: TaskQueue[]) =>
  workers.push(await startTestWorker({ ...test.deps, config: { ...test.deps.config, queues } }));

it('workers host the queues that they are configured for, and readiness and doctor name the others', async () => {
  test = await testDeps();
  const { temporal } = test.deps;
  await startWorkerOf('checks');
  await expect.poll(() => temporal.listUnhostedQueues()).toEqual(['runs', 'system']);
  const message =
    'No worker hosts the queues runs and system, so no runs start, and no alerts are delivered and nothing is repaired';
  const { missing } = await readiness(
    { deps: test.deps, actor: { kind: 'visitor', id: 'test' }, requestId: 'test' },
    {},
  );
  expect(missing).toEqual([
    {
      part: 'worker',
      message: `${message}. Start a worker whose ARMATURE_QUEUES is empty or contains runs and system, or read its log.`,
    },
  ]);
  expect(await examineWorkers(temporal)).toMatchObject({ level: 'problem', text: message });

  await startWorkerOf('runs', 'system');
  await expect.poll(() => temporal.listUnhostedQueues()).toEqual([]);
  expect(await examineWorkers(temporal)).toMatchObject({ level: 'ok' });
});
