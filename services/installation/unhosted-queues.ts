import { type TaskQueue, taskQueues } from '../../domain/run/ids.ts';

const consequences: Record<TaskQueue, string> = {
  runs: 'no runs start',
  checks: 'no monitors are checked',
  system: 'no alerts are delivered and nothing is repaired',
};

/** What it means that no worker hosts these queues, and what to do; null for no queue. */
export function describeUnhosted(queues: readonly TaskQueue[]): { problem: string; todo: string } | null {
  if (queues.length === 0) return null;
  if (queues.length === taskQueues.length)
    return {
      problem: 'No worker is running, so nothing is tested and no alerts are delivered',
      todo: 'Start one (npm run worker), or read its log.',
    };
  const names = queues.join(' and ');
  return {
    problem: `No worker hosts the ${queues.length === 1 ? 'queue' : 'queues'} ${names}, so ${queues.map((queue) => consequences[queue]).join(', and ')}`,
    todo: `Start a worker whose ARMATURE_QUEUES is empty or contains ${names}, or read its log.`,
  };
}
