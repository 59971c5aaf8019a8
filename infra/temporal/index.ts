import {
  Client,
  type ClientInterceptors,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { type TaskQueue, taskQueues, temporalNames } from '../../domain/run/ids.ts';
import { toPriority } from '../../domain/run/priority.ts';
import type { Trigger } from '../../domain/run/run.ts';
import { ensureSearchAttributes, toSearchAttributes } from './attributes.ts';
import { buildConnectionOptions, type TemporalAddress } from './connection.ts';
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
  trigger: Trigger;
  /** Heartbeat timeout of the run's activities, in seconds. */
  heartbeatSeconds: number;
};

export type CheckNowStart = {
  orgId: string;
  monitorId: string;
  /** Idempotency key of the request. */
  key: string;
  /** Heartbeat timeout of the check's activity, in seconds. */
  heartbeatSeconds: number;
};

export type ReportStart = {
  orgId: string;
  serverId: string;
  /** Heartbeat timeout of the report's activity, in seconds. */
  heartbeatSeconds: number;
};

/**
 * The part of Temporal that Armature uses. Connects on the first call, so that a process can start while Temporal is
 * down. Every call ends within 5 s unless it says otherwise.
 */
export type Temporal = {
  client: Client;
  /** Starts the Temporal workflow of a run. A second start of the same run does nothing. Throws if Temporal is down. */
  startRun(run: RunStart): Promise<void>;
  /** Lets a run that waits try again to begin. Does nothing if its workflow isn't running. */
  wakeRun(runId: string): Promise<void>;
  /** Requests cancellation of the run's workflow. False if it isn't running. */
  cancelRun(runId: string): Promise<boolean>;
  /** Ends the run's workflow without any further step of it. Does nothing if it isn't running. */
  terminateRun(runId: string): Promise<void>;
  describeRun(runId: string): Promise<'running' | 'closed' | 'absent'>;
  /** Starts a round of a delivery. A second start of the same round does nothing. Throws if Temporal is down. */
  startDelivery(ref: DeliveryStart): Promise<void>;
  describeDelivery(ref: DeliveryStart): Promise<'running' | 'closed' | 'absent'>;
  /** Creates or updates the Schedule of a workflow. A Schedule that an operator paused in Temporal stays paused. */
  syncSchedule(spec: WorkflowSchedule, pausedBefore: boolean): Promise<{ pausedByOperator: boolean }>;
  /** @returns null if the workflow has no Schedule */
  deleteSchedule(workflowId: string): Promise<{ pausedByOperator: boolean } | null>;
  /** Compares the Schedule with its spec. Null if there is none. Ends within 20 s. */
  checkSchedule(spec: WorkflowSchedule): Promise<ScheduleCheck | null>;
  /** This installation's Schedules of workflows, without those of other installations. Ends within a minute. */
  listSchedules(): Promise<ScheduleEntry[]>;
  /** Creates or updates the Schedule of a server and interval. A Schedule that an operator paused stays paused. */
  syncMonitorSchedule(spec: MonitorScheduleSpec, pausedBefore: boolean): Promise<{ pausedByOperator: boolean }>;
  /** @returns null if there is none */
  deleteMonitorSchedule(ref: MonitorScheduleRef): Promise<{ pausedByOperator: boolean } | null>;
  /** Compares the Schedule with its spec. Null if there is none. Ends within 20 s. */
  checkMonitorSchedule(spec: MonitorScheduleSpec): Promise<{ changed: boolean; pausedByOperator: boolean } | null>;
  /** This installation's Schedules of monitors. Ends within a minute. */
  listMonitorSchedules(): Promise<MonitorScheduleEntry[]>;
  /** Starts a manual check. A second start with the same key does nothing. Throws if Temporal is down. */
  startCheckNow(check: CheckNowStart): Promise<void>;
  /** Starts the report on a server. Does nothing while one is made. @returns whether it started one */
  startReport(report: ReportStart): Promise<boolean>;
  /** Creates Armature's own Schedules if they are missing. */
  ensureSystemSchedules(): Promise<void>;
  ensureSearchAttributes(): Promise<void>;
  /** The queues that no worker has polled within 90 seconds. */
  listUnhostedQueues(): Promise<TaskQueue[]>;
  close(): Promise<void>;
};

const deadlineMs = 5000;

export function createTemporal(
  options: TemporalAddress & { namespace: string; installation: string; interceptors?: ClientInterceptors },
): Temporal {
  const { namespace } = options;
  const connection = Connection.lazy(buildConnectionOptions(options));
  const { interceptors } = options;
  const client = new Client({ connection, namespace, ...(interceptors && { interceptors }) });
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
            priority: toPriority(run.trigger, run.orgId),
            args: [{ runId: run.runId, orgId: run.orgId, heartbeatSeconds: run.heartbeatSeconds }],
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
            workflowIdConflictPolicy: 'USE_EXISTING',
            typedSearchAttributes: toSearchAttributes({ ...run, status: 'pending' }),
            memo: { run: `run ${run.runId} of workflow ${run.workflowId}` },
          });
        } catch (error) {
          // The workflow has already closed: the run has ended, or reconciling will end it.
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        }
      }),

    wakeRun: (runId) =>
      timed(async () => {
        try {
          await client.workflow.getHandle(names.run(runId)).signal('wake');
        } catch (error) {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
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

    terminateRun: (runId) =>
      timed(async () => {
        try {
          await client.workflow.getHandle(names.run(runId)).terminate('its workspace was deleted');
        } catch (error) {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
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
    // This queries Temporal's own scheduler workflow, which sometimes takes more than 5 s to answer.
    checkSchedule: (spec) => connection.withDeadline(Date.now() + 20_000, () => schedules.check(spec)),
    listSchedules: () => connection.withDeadline(Date.now() + 60_000, () => schedules.list()),
    syncMonitorSchedule: (spec, pausedBefore) => timed(() => monitorSchedules.sync(spec, pausedBefore)),
    deleteMonitorSchedule: (ref) => timed(() => monitorSchedules.remove(ref)),
    checkMonitorSchedule: (spec) => connection.withDeadline(Date.now() + 20_000, () => monitorSchedules.check(spec)),
    listMonitorSchedules: () => connection.withDeadline(Date.now() + 60_000, () => monitorSchedules.list()),

    startCheckNow: ({ orgId, monitorId, key, heartbeatSeconds }) =>
      timed(async () => {
        try {
          await client.workflow.start('checkNow', {
            taskQueue: names.queue('checks'),
            workflowId: names.checkNow(monitorId, key),
            priority: toPriority('manual', orgId),
            args: [{ orgId, monitorId, key, heartbeatSeconds }],
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
            workflowIdConflictPolicy: 'USE_EXISTING',
            typedSearchAttributes: toSearchAttributes({ orgId }),
            memo: { check: `a check of monitor ${monitorId}` },
          });
        } catch (error) {
          // The check has already run.
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        }
      }),

    startReport: ({ orgId, serverId, heartbeatSeconds }) =>
      timed(async () => {
        try {
          await client.workflow.start('makeReport', {
            taskQueue: names.queue('system'),
            workflowId: names.report(serverId),
            priority: toPriority('scheduled', orgId),
            args: [{ orgId, serverId, heartbeatSeconds }],
            workflowIdReusePolicy: 'ALLOW_DUPLICATE',
            workflowIdConflictPolicy: 'FAIL',
            memo: { report: `the report on server ${serverId}` },
          });
          return true;
        } catch (error) {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          return false;
        }
      }),

    ensureSystemSchedules: () => timed(() => schedules.ensureSystem()),
    ensureSearchAttributes: () => timed(() => ensureSearchAttributes(connection, namespace)),

    listUnhostedQueues: () =>
      timed(async () => {
        // Temporal remembers pollers for five minutes; a live poller polls again within a minute (long poll).
        const since = Date.now() / 1000 - 90;
        const hosted = await Promise.all(
          taskQueues.map(async (queue) => {
            const { pollers } = await connection.workflowService.describeTaskQueue({
              namespace,
              taskQueue: { name: names.queue(queue) },
              // TASK_QUEUE_TYPE_WORKFLOW. Node can't import the enum by name: @temporalio/proto is CommonJS.
              taskQueueType: 1,
            });
            return (pollers ?? []).some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) >= since);
          }),
        );
        return taskQueues.filter((_, index) => !hosted[index]);
      }),

    close: () => connection.close(),
  };
}
