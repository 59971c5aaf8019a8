import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleSpec,
  type ScheduleUpdateOptions,
} from '@temporalio/client';
import { sameJson } from '../../domain/json/json.ts';
import type { temporalNames } from '../../domain/run/ids.ts';
import { toPriority, type Urgency } from '../../domain/run/priority.ts';
import { catchUpMs } from '../../domain/schedule/catch-up.ts';
import { parseCron } from '../../domain/schedule/cron.ts';
import { toSearchAttributes } from './attributes.ts';

/** When a workflow's scheduled runs start. `cron` has five fields; `timezone` is an IANA name. */
export type WorkflowSchedule = {
  workflowId: string;
  orgId: string;
  serverId: string;
  /** The workflow's name, for people in Temporal Web. */
  name: string;
  cron: string;
  timezone: string;
  /** Heartbeat timeout of the runs' activities. */
  heartbeatSeconds: number;
};

export type ScheduleEntry = { workflowId: string; pausedByOperator: boolean };

/** A Schedule in Temporal, compared with its spec. */
export type ScheduleCheck = {
  /** Somebody edited its times, time zone, action or policies in Temporal. */
  changed: boolean;
  pausedByOperator: boolean;
  /** Nominal times of the latest firings. */
  recentFirings: Date[];
};

/** Armature's own Schedules. Housekeeping is due at 03:00 UTC, and runs late rather than not at all. */
const systemSchedules = [
  {
    name: 'sync-catalog',
    type: 'syncCatalog',
    urgency: 'bulk',
    spec: { intervals: [{ every: '1 minute' }] },
    catchupWindow: '1 minute',
  },
  {
    name: 'reconcile',
    type: 'reconcile',
    urgency: 'scheduled',
    spec: { intervals: [{ every: '1 minute' }] },
    catchupWindow: '1 minute',
  },
  {
    name: 'housekeeping',
    type: 'housekeeping',
    urgency: 'bulk',
    spec: { intervals: [{ every: '1 day', offset: '3 hours' }] },
    catchupWindow: '1 day',
  },
] as const satisfies readonly {
  name: string;
  type: string;
  urgency: Urgency;
  spec: ScheduleSpec;
  catchupWindow: string;
}[];

type Parts = { client: Client; names: ReturnType<typeof temporalNames> };

/** A pause whose note starts with this is Armature's own; any other is an operator's. */
export const ownPausePrefix = 'armature:';
export const isPausedByOperator = (state: { paused: boolean; note?: string }) =>
  state.paused && !state.note?.startsWith(ownPausePrefix);

export function createSchedules({ client, names }: Parts) {
  const idPrefix = names.workflowSchedule('');

  const toOptions = (spec: WorkflowSchedule) => ({
    spec: { cronExpressions: [spec.cron], timezone: spec.timezone },
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'scheduledRuns',
      workflowId: names.workflowSchedule(spec.workflowId),
      taskQueue: names.queue('runs'),
      args: [{ workflowId: spec.workflowId, orgId: spec.orgId, heartbeatSeconds: spec.heartbeatSeconds }],
      // Its runs have the same.
      priority: toPriority('scheduled', spec.orgId),
      typedSearchAttributes: toSearchAttributes(spec),
      memo: { run: `scheduled runs of ${spec.name}`.slice(0, 200) },
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: catchUpMs },
  });

  return {
    /** @param pausedBefore whether an operator had paused it when it was deleted; it is then created paused */
    async sync(spec: WorkflowSchedule, pausedBefore: boolean): Promise<{ pausedByOperator: boolean }> {
      const scheduleId = names.workflowSchedule(spec.workflowId);
      const options = toOptions(spec);
      try {
        await client.schedule.create({
          ...options,
          scheduleId,
          ...(pausedBefore && { state: { paused: true, note: 'An operator had paused it.' } }),
          typedSearchAttributes: toSearchAttributes(spec),
          memo: { workflow: spec.name },
        });
        return { pausedByOperator: pausedBefore };
      } catch (error) {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      }
      let pausedByOperator = false;
      await client.schedule.getHandle(scheduleId).update((before): ScheduleUpdateOptions => {
        pausedByOperator = isPausedByOperator(before.state);
        return {
          ...options,
          state: pausedByOperator
            ? { paused: true, ...(before.state.note === undefined ? {} : { note: before.state.note }) }
            : { paused: false },
          typedSearchAttributes: toSearchAttributes(spec),
        };
      });
      return { pausedByOperator };
    },

    /** Null if there is none. */
    async check(spec: WorkflowSchedule): Promise<ScheduleCheck | null> {
      try {
        const description = await client.schedule.getHandle(names.workflowSchedule(spec.workflowId)).describe();
        return {
          changed: isChanged(description, toOptions(spec)),
          pausedByOperator: isPausedByOperator(description.state),
          recentFirings: description.info.recentActions.map(({ scheduledAt }) => scheduledAt),
        };
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) return null;
        throw error;
      }
    },

    /** @returns null if there was none */
    async remove(workflowId: string): Promise<{ pausedByOperator: boolean } | null> {
      const handle = client.schedule.getHandle(names.workflowSchedule(workflowId));
      try {
        const { state } = await handle.describe();
        await handle.delete();
        return { pausedByOperator: isPausedByOperator(state) };
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) return null;
        throw error;
      }
    },

    async list(): Promise<ScheduleEntry[]> {
      const entries: ScheduleEntry[] = [];
      for await (const { scheduleId, state } of client.schedule.list())
        if (scheduleId.startsWith(idPrefix))
          entries.push({ workflowId: scheduleId.slice(idPrefix.length), pausedByOperator: isPausedByOperator(state) });
      return entries;
    },

    async ensureSystem(): Promise<void> {
      for (const { name, type, spec, urgency, catchupWindow } of systemSchedules) {
        const action = {
          type: 'startWorkflow' as const,
          workflowType: type,
          workflowId: names.systemSchedule(name),
          taskQueue: names.queue('system'),
          priority: toPriority(urgency),
          args: [],
        };
        try {
          await client.schedule.create({
            scheduleId: names.systemSchedule(name),
            spec,
            action,
            policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
          });
        } catch (error) {
          if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        }
      }
    },
  };
}

type Expected = {
  spec: { cronExpressions: string[]; timezone: string };
  action: Action;
};

export type Action = {
  workflowType: string;
  workflowId: string;
  taskQueue: string;
  priority: ReturnType<typeof toPriority>;
  args: unknown[];
};

export const isSameAction = (action: ScheduleDescription['action'], expected: Action): boolean =>
  action.workflowType === expected.workflowType &&
  action.workflowId === expected.workflowId &&
  action.taskQueue === expected.taskQueue &&
  action.priority?.priorityKey === expected.priority.priorityKey &&
  (action.priority.fairnessKey || undefined) === expected.priority.fairnessKey &&
  sameJson(action.args, expected.args);

function isChanged({ action, policies, state, raw }: ScheduleDescription, expected: Expected): boolean {
  const spec = raw.schedule?.spec;
  const samePolicies =
    policies.overlap === ScheduleOverlapPolicy.SKIP &&
    policies.catchupWindow === catchUpMs &&
    !policies.pauseOnFailure &&
    state.remainingActions === undefined;
  return !isSameAction(action, expected.action) || !samePolicies || !spec || !isSameSpec(spec, expected.spec);
}

type Spec = NonNullable<NonNullable<ScheduleDescription['raw']['schedule']>['spec']>;
type Calendar = NonNullable<Spec['structuredCalendar']>[number];
type Ranges = Calendar['minute'];

/** Temporal stores a cron expression as a calendar of ranges, so this compares the values that they cover. */
function isSameSpec(spec: Spec, expected: Expected['spec']): boolean {
  const [calendar, ...others] = spec.structuredCalendar ?? [];
  const extras = [
    spec.interval,
    spec.cronString,
    spec.calendar,
    spec.excludeStructuredCalendar,
    spec.excludeCalendar,
    others,
  ];
  if (!calendar || extras.some((extra) => extra?.length) || spec.startTime || spec.endTime || toSeconds(spec.jitter))
    return false;
  const parsed = parseCron(expected.cronExpressions[0] ?? '');
  if (!parsed.ok) return false;
  const { minute, hour, day, month, weekday } = parsed.fields;
  return (
    (spec.timezoneName || 'UTC') === expected.timezone &&
    covers(calendar.second, new Set([0])) &&
    covers(calendar.minute, minute) &&
    covers(calendar.hour, hour) &&
    covers(calendar.dayOfMonth, day) &&
    covers(calendar.month, month) &&
    covers(calendar.dayOfWeek, weekday) &&
    !calendar.year?.length
  );
}

function covers(ranges: Ranges, values: ReadonlySet<number>): boolean {
  const covered = new Set<number>();
  for (const { start, end, step } of ranges ?? [])
    for (let value = start ?? 0; value <= Math.max(start ?? 0, end ?? 0); value += step || 1) covered.add(value);
  return covered.size === values.size && [...covered].every((value) => values.has(value));
}

const toSeconds = (duration: { seconds?: unknown; nanos?: number | null } | null | undefined): number =>
  Number(duration?.seconds ?? 0) + (duration?.nanos ?? 0);
