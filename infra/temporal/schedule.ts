import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleUpdateOptions,
} from '@temporalio/client';
import type { temporalNames } from '../../domain/ids.ts';
import { attributesOf } from './attributes.ts';

/** When a workflow's scheduled runs fire. `cron` has five fields; `timezone` is an IANA name. */
export type WorkflowSchedule = {
  workflowId: string;
  orgId: string;
  serverId: string;
  /** The workflow's name, for people in Temporal Web. */
  name: string;
  cron: string;
  timezone: string;
  /** Travels in the workflow's input: heartbeat timeout of its runs' activities. */
  heartbeatSeconds: number;
};

export type ScheduleEntry = { workflowId: string; pausedByOperator: boolean };

type Parts = { client: Client; names: ReturnType<typeof temporalNames> };

/** A pause whose note begins with this is Armature's own; any other is an operator's. */
export const ownPausePrefix = 'armature:';
const isOperators = (state: { paused: boolean; note?: string }) =>
  state.paused && !state.note?.startsWith(ownPausePrefix);

export function createSchedules({ client, names }: Parts) {
  const idPrefix = names.workflowSchedule('');

  const optionsOf = (spec: WorkflowSchedule) => ({
    spec: { cronExpressions: [spec.cron], timezone: spec.timezone },
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'scheduledRuns',
      workflowId: names.workflowSchedule(spec.workflowId),
      taskQueue: names.queue('runs'),
      args: [{ workflowId: spec.workflowId, orgId: spec.orgId, heartbeatSeconds: spec.heartbeatSeconds }],
      typedSearchAttributes: attributesOf(spec),
      memo: { run: `scheduled runs of ${spec.name}`.slice(0, 200) },
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '5 minutes' as const },
  });

  return {
    async sync(spec: WorkflowSchedule): Promise<{ pausedByOperator: boolean }> {
      const scheduleId = names.workflowSchedule(spec.workflowId);
      const options = optionsOf(spec);
      try {
        await client.schedule.create({
          ...options,
          scheduleId,
          typedSearchAttributes: attributesOf(spec),
          memo: { workflow: spec.name },
        });
        return { pausedByOperator: false };
      } catch (error) {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      }
      let pausedByOperator = false;
      await client.schedule.getHandle(scheduleId).update((before): ScheduleUpdateOptions => {
        pausedByOperator = isOperators(before.state);
        return {
          ...options,
          state: pausedByOperator
            ? { paused: true, ...(before.state.note === undefined ? {} : { note: before.state.note }) }
            : { paused: false },
          typedSearchAttributes: attributesOf(spec),
        };
      });
      return { pausedByOperator };
    },

    async remove(workflowId: string): Promise<void> {
      try {
        await client.schedule.getHandle(names.workflowSchedule(workflowId)).delete();
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
      }
    },

    async list(): Promise<ScheduleEntry[]> {
      const found: ScheduleEntry[] = [];
      for await (const { scheduleId, state } of client.schedule.list())
        if (scheduleId.startsWith(idPrefix))
          found.push({ workflowId: scheduleId.slice(idPrefix.length), pausedByOperator: isOperators(state) });
      return found;
    },

    async ensureSystem(): Promise<void> {
      try {
        await client.schedule.create({
          scheduleId: names.systemSchedule('reconcile'),
          spec: { intervals: [{ every: '1 minute' }] },
          action: {
            type: 'startWorkflow',
            workflowType: 'reconcile',
            workflowId: names.systemSchedule('reconcile'),
            taskQueue: names.queue('system'),
            args: [],
          },
          policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
        });
      } catch (error) {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      }
    },
  };
}
