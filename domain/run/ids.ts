/** Evidence id of a tool call. `index` counts from 0 within the run. */
export const toCallId = (index: number): string => `call-${index}`;
/** Evidence id of a trace event. `seq` counts from 0 within the run. */
export const toEventId = (seq: number): string => `event-${seq}`;

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
  /** Schedule of one server's monitors of one interval; its workflows' ids begin with it. */
  monitorSchedule: (serverId: string, intervalSeconds: number) =>
    prefixed(installation, `monitors/${serverId}/${intervalSeconds}`),
  /** What `monitorSchedule` was made of; null for any other id. */
  readMonitorSchedule(id: string): { serverId: string; intervalSeconds: number } | null {
    const own = prefixed(installation, 'monitors/');
    const [serverId, interval, ...rest] = id.startsWith(own) ? id.slice(own.length).split('/') : [];
    const intervalSeconds = Number(interval);
    return serverId && Number.isInteger(intervalSeconds) && rest.length === 0 ? { serverId, intervalSeconds } : null;
  },
  checkNow: (monitorId: string, key: string) => prefixed(installation, `check/${monitorId}/${key}`),
  systemSchedule: (name: string) => prefixed(installation, `system/${name}`),
  /** What every name above begins with; empty for the default installation. */
  prefix: prefixed(installation, ''),
});

export const taskQueues = ['runs', 'checks', 'system'] as const;
export type TaskQueue = (typeof taskQueues)[number];
