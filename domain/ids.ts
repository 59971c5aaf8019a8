/**
 * Names of what Armature owns in Temporal. `installation` prefixes them all, so that installations (and test files) can share
 * a namespace; empty by default.
 */
const prefixed = (installation: string, name: string) => (installation ? `${installation}:${name}` : name);

export const temporalNames = (installation: string) => ({
  queue: (queue: TaskQueue) => prefixed(installation, queue),
  run: (runId: string) => prefixed(installation, `run/${runId}`),
  delivery: (deliveryId: string, round: number) => prefixed(installation, `delivery/${deliveryId}/${round}`),
  workflowSchedule: (workflowId: string) => prefixed(installation, `workflow/${workflowId}`),
  systemSchedule: (name: string) => prefixed(installation, `system/${name}`),
  /** What every name above begins with; empty for the default installation. */
  prefix: prefixed(installation, ''),
});

export const taskQueues = ['runs', 'checks', 'system'] as const;
export type TaskQueue = (typeof taskQueues)[number];
