import { toCallNumber } from './call-number.ts';

/** Evidence id of a tool call: `call-1` is the call that `$1` refers to. */
export const toCallId = (index: number): string => `call-${toCallNumber(index)}`;
/** The index of a call by its number. */
export const toCallIndex = (number: number): number => number - 1;
/** Evidence id of a trace event. `seq` counts from 0 within the run. */
export const toEventId = (seq: number): string => `event-${seq}`;

/**
 * Names of Armature's queues, workflows and Schedules in Temporal. `installation` prefixes them all, so that several
 * installations (and test files) can share a namespace.
 */
const prefixed = (installation: string, name: string) => (installation ? `${installation}:${name}` : name);

export const temporalNames = (installation: string) => ({
  queue: (queue: TaskQueue) => prefixed(installation, queue),
  run: (runId: string) => prefixed(installation, `run/${runId}`),
  delivery: (deliveryId: string, round: number) => prefixed(installation, `delivery/${deliveryId}/${round}`),
  workflowSchedule: (workflowId: string) => prefixed(installation, `workflow/${workflowId}`),
  /** Schedule of one server's monitors of one interval; the ids of its workflows start with it. */
  monitorSchedule: (serverId: string, intervalSeconds: number) =>
    prefixed(installation, `monitors/${serverId}/${intervalSeconds}`),
  /** The parts of a `monitorSchedule` id; null for any other id. */
  readMonitorSchedule(id: string): { serverId: string; intervalSeconds: number } | null {
    const own = prefixed(installation, 'monitors/');
    const [serverId, interval, ...rest] = id.startsWith(own) ? id.slice(own.length).split('/') : [];
    const intervalSeconds = Number(interval);
    return serverId && Number.isInteger(intervalSeconds) && rest.length === 0 ? { serverId, intervalSeconds } : null;
  },
  /** One id for all reports on a server: at most one is made at a time. */
  report: (serverId: string) => prefixed(installation, `report/${serverId}`),
  checkNow: (monitorId: string, key: string) => prefixed(installation, `check/${monitorId}/${key}`),
  systemSchedule: (name: string) => prefixed(installation, `system/${name}`),
  /** Prefix of every name above; empty for the default installation. */
  prefix: prefixed(installation, ''),
});

/** A worker hosts some or all of them (`ARMATURE_QUEUES`). */
export const taskQueues = ['runs', 'checks', 'system'] as const;
export type TaskQueue = (typeof taskQueues)[number];
