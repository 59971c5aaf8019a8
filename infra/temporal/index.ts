import { Client, Connection, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { type TaskQueue, temporalNames } from '../../domain/run/ids.ts';
import { ensureSearchAttributes, toSearchAttributes } from './attributes.ts';
import { createDeliveries, type DeliveryStart } from './delivery.ts';
import {
  createMonitorSchedules,
  type MonitorScheduleEntry,
  type MonitorScheduleRef,
  type MonitorScheduleSpec,
} from './monitor-schedule.ts';
import { createSchedules, type ScheduleCheck, type ScheduleEntry, type WorkflowSchedule } from './schedule.ts';

export { temporalNames } from '../../domain/run/ids.ts';
export type { DeliveryStart } from './delivery.ts';
export type { MonitorScheduleEntry, MonitorScheduleRef, MonitorScheduleSpec } from './monitor-schedule.ts';
export type { ScheduleCheck, ScheduleEntry, WorkflowSchedule } from './schedule.ts';

export type RunStart = {
  runId: string;
  orgId: string;
  workflowId: string;
  serverId: string;
  /** Heartbeat timeout of the run's activities, in seconds. */
  heartbeatSeconds: number;
};

export type CheckNowStart = {
  orgId: string;
  monitorId: string;
  /** Names the request. */
  key: string;
  /** Heartbeat timeout of the check's activity, in seconds. */
  heartbeatSeconds: number;
};

/** What Armature asks of Temporal. Connects at the first call, so that a process boots while Temporal is away; every call ends within 5 s unless it says otherwise. */
export type Temporal = {
  client: Client;
  /** Starts the Temporal workflow of a run; a second start of the same run does nothing. Throws when Temporal can't be reached. */
  startRun(run: RunStart): Promise<void>;
  /** Asks the run's workflow to end as canceled; false when there is none that is running. */
  cancelRun(runId: string): Promise<boolean>;
  describeRun(runId: string): Promise<'running' | 'closed' | 'absent'>;
  /** Starts a round of a delivery; a second start of the same round does nothing. Throws when Temporal can't be reached. */
  startDelivery(ref: DeliveryStart): Promise<void>;
  describeDelivery(ref: DeliveryStart): Promise<'running' | 'closed' | 'absent'>;
  /** Creates or updates the Schedule of a workflow. One that an operator has paused in Temporal stays paused. */
  syncSchedule(spec: WorkflowSchedule, pausedBefore: boolean): Promise<{ pausedByOperator: boolean }>;
  /** Does nothing when there is none. */
  deleteSchedule(workflowId: string): Promise<{ pausedByOperator: boolean } | null>;
  /** The Schedule held against what it should be; null when there is none. Ends within 20 s. */
  checkSchedule(spec: WorkflowSchedule): Promise<ScheduleCheck | null>;
  /** This installation's Schedules of workflows; other installations' are left out. Ends within a minute. */
  listSchedules(): Promise<ScheduleEntry[]>;
  /** Creates or updates the Schedule of a server's monitors of one interval. One that an operator has paused stays paused. */
  syncMonitorSchedule(spec: MonitorScheduleSpec): Promise<{ pausedByOperator: boolean }>;
  /** Does nothing when there is none. */
  deleteMonitorSchedule(ref: MonitorScheduleRef): Promise<void>;
  /** The Schedule held against what it should be; null when there is none. Ends within 20 s. */
  checkMonitorSchedule(spec: MonitorScheduleSpec): Promise<{ changed: boolean; pausedByOperator: boolean } | null>;
  /** This installation's Schedules of monitors. Ends within a minute. */
  listMonitorSchedules(): Promise<MonitorScheduleEntry[]>;
  /** Starts a check that somebody asked for; a second start of the same key does nothing. Throws when Temporal can't be reached. */
  startCheckNow(check: CheckNowStart): Promise<void>;
  /** Creates the Schedules that Armature itself needs, where missing. */
  ensureSystemSchedules(): Promise<void>;
  ensureSearchAttributes(): Promise<void>;
  /** Whether a worker takes runs at the moment. */
  workersPolling(): Promise<boolean>;
  close(): Promise<void>;
};

const deadlineMs = 5000;

export function createTemporal(options: { address: string; namespace: string; installation: string }): Temporal {
  const { namespace } = options;
  const connection = Connection.lazy({ address: options.address });
  const client = new Client({ connection, namespace });
  const names = temporalNames(options.installation);
  const timed = <T>(work: () => Promise<T>): Promise<T> => connection.withDeadline(Date.now() + deadlineMs, work);
  const schedules = createSchedules({ client, names });
  const monitorSchedules = createMonitorSchedules({ client, names });
  const deliveries = createDeliveries({ client, names });

  return {
    client,

    startRun: (run) =>
      timed(async () => {
        try {
          await client.workflow.start('run', {
            taskQueue: names.queue('runs'),
            workflowId: names.run(run.runId),
            args: [{ runId: run.runId, orgId: run.orgId, heartbeatSeconds: run.heartbeatSeconds }],
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
            workflowIdConflictPolicy: 'USE_EXISTING',
            typedSearchAttributes: toSearchAttributes({ ...run, status: 'pending' }),
            memo: { run: `run ${run.runId} of workflow ${run.workflowId}` },
          });
        } catch (error) {
          // Its workflow has already run and closed: the run is done, or reconcile's.
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        }
      }),

    cancelRun: (runId) =>
      timed(async () => {
        try {
          await client.workflow.getHandle(names.run(runId)).cancel();
          return true;
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) return false;
          throw error;
        }
      }),

    describeRun: (runId) =>
      timed(async () => {
        try {
          const { status } = await client.workflow.getHandle(names.run(runId)).describe();
          return status.name === 'RUNNING' || status.name === 'PAUSED' ? 'running' : 'closed';
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) return 'absent';
          throw error;
        }
      }),

    startDelivery: (ref) => timed(() => deliveries.start(ref)),
    describeDelivery: (ref) => timed(() => deliveries.describe(ref)),

    syncSchedule: (spec, pausedBefore) => timed(() => schedules.sync(spec, pausedBefore)),
    deleteSchedule: (workflowId) => timed(() => schedules.remove(workflowId)),
    // A query of Temporal's own scheduler workflow, which it answers late at times (more than 5 s were seen).
    checkSchedule: (spec) => connection.withDeadline(Date.now() + 20_000, () => schedules.check(spec)),
    listSchedules: () => connection.withDeadline(Date.now() + 60_000, () => schedules.list()),
    syncMonitorSchedule: (spec) => timed(() => monitorSchedules.sync(spec)),
    deleteMonitorSchedule: (ref) => timed(() => monitorSchedules.remove(ref)),
    checkMonitorSchedule: (spec) => connection.withDeadline(Date.now() + 20_000, () => monitorSchedules.check(spec)),
    listMonitorSchedules: () => connection.withDeadline(Date.now() + 60_000, () => monitorSchedules.list()),

    startCheckNow: ({ orgId, monitorId, key, heartbeatSeconds }) =>
      timed(async () => {
        try {
          await client.workflow.start('checkNow', {
            taskQueue: names.queue('checks'),
            workflowId: names.checkNow(monitorId, key),
            args: [{ orgId, monitorId, key, heartbeatSeconds }],
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
            workflowIdConflictPolicy: 'USE_EXISTING',
            typedSearchAttributes: toSearchAttributes({ orgId }),
            memo: { check: `a check of monitor ${monitorId}` },
          });
        } catch (error) {
          // It has been carried out already.
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        }
      }),

    ensureSystemSchedules: () => timed(() => schedules.ensureSystem()),
    ensureSearchAttributes: () => timed(() => ensureSearchAttributes(connection, namespace)),

    workersPolling: () =>
      timed(async () => {
        const queue: TaskQueue = 'runs';
        const { pollers } = await connection.workflowService.describeTaskQueue({
          namespace,
          taskQueue: { name: names.queue(queue) },
          // TASK_QUEUE_TYPE_WORKFLOW. Node can't import the enum by name: @temporalio/proto is CommonJS.
          taskQueueType: 1,
        });
        // Temporal remembers pollers for five minutes; one that lives asks again within a minute (long polls).
        const since = Date.now() / 1000 - 90;
        return (pollers ?? []).some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) >= since);
      }),

    close: () => connection.close(),
  };
}
