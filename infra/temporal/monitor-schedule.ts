import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleUpdateOptions,
} from '@temporalio/client';
import type { temporalNames } from '../../domain/run/ids.ts';
import { toPriority } from '../../domain/run/priority.ts';
import { toSearchAttributes } from './attributes.ts';
import { type Action, isPausedByOperator, isSameAction } from './schedule.ts';

/** Checks one server's monitors of one interval at every multiple of the interval in Unix time, plus the offset. */
export type MonitorScheduleSpec = {
  orgId: string;
  serverId: string;
  /** For people in Temporal Web. */
  serverName: string;
  intervalSeconds: number;
  offsetSeconds: number;
  /** Heartbeat timeout of the workflow's activity. */
  heartbeatSeconds: number;
};

export type MonitorScheduleRef = Pick<MonitorScheduleSpec, 'serverId' | 'intervalSeconds'>;
export type MonitorScheduleEntry = MonitorScheduleRef & { pausedByOperator: boolean };

/** A missed firing is useless once the next one is due. Temporal's minimum is 10 s. */
const toCatchupMs = (intervalSeconds: number): number => Math.min(intervalSeconds, 300) * 1000;

type Parts = { client: Client; names: ReturnType<typeof temporalNames> };

export function createMonitorSchedules({ client, names }: Parts) {
  const toScheduleId = ({ serverId, intervalSeconds }: MonitorScheduleRef) =>
    names.monitorSchedule(serverId, intervalSeconds);
  const getHandle = (ref: MonitorScheduleRef) => client.schedule.getHandle(toScheduleId(ref));

  const toOptions = (spec: MonitorScheduleSpec) => {
    const { orgId, serverId, serverName, intervalSeconds, offsetSeconds, heartbeatSeconds } = spec;
    return {
      spec: { intervals: [{ every: intervalSeconds * 1000, offset: offsetSeconds * 1000 }] },
      action: {
        type: 'startWorkflow' as const,
        workflowType: 'checkMonitors',
        workflowId: toScheduleId(spec),
        taskQueue: names.queue('checks'),
        args: [{ orgId, serverId, intervalSeconds, heartbeatSeconds }],
        priority: toPriority('scheduled', orgId),
        typedSearchAttributes: toSearchAttributes({ orgId, serverId }),
        memo: { monitors: `checks of ${serverName}`.slice(0, 200) },
      },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: toCatchupMs(intervalSeconds) },
    };
  };

  return {
    /** @param pausedBefore whether an operator had paused it when it was deleted; it is then created paused */
    async sync(spec: MonitorScheduleSpec, pausedBefore: boolean): Promise<{ pausedByOperator: boolean }> {
      const options = toOptions(spec);
      const typedSearchAttributes = toSearchAttributes(spec);
      try {
        await client.schedule.create({
          ...options,
          scheduleId: toScheduleId(spec),
          ...(pausedBefore && { state: { paused: true, note: 'An operator had paused it.' } }),
          typedSearchAttributes,
          memo: { server: spec.serverName.slice(0, 200) },
        });
        return { pausedByOperator: pausedBefore };
      } catch (error) {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      }
      let pausedByOperator = false;
      await getHandle(spec).update((before): ScheduleUpdateOptions => {
        pausedByOperator = isPausedByOperator(before.state);
        const { note } = before.state;
        return {
          ...options,
          state: pausedByOperator ? { paused: true, ...(note === undefined ? {} : { note }) } : { paused: false },
          typedSearchAttributes,
        };
      });
      return { pausedByOperator };
    },

    /** Null if there is none. `changed`: somebody edited its times, action or policies in Temporal. */
    async check(spec: MonitorScheduleSpec): Promise<{ changed: boolean; pausedByOperator: boolean } | null> {
      try {
        const description = await getHandle(spec).describe();
        return {
          changed: isChanged(description, toOptions(spec), spec),
          pausedByOperator: isPausedByOperator(description.state),
        };
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) return null;
        throw error;
      }
    },

    /** @returns null if there was none */
    async remove(ref: MonitorScheduleRef): Promise<{ pausedByOperator: boolean } | null> {
      try {
        const { state } = await getHandle(ref).describe();
        await getHandle(ref).delete();
        return { pausedByOperator: isPausedByOperator(state) };
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) return null;
        throw error;
      }
    },

    async list(): Promise<MonitorScheduleEntry[]> {
      const entries: MonitorScheduleEntry[] = [];
      for await (const { scheduleId, state } of client.schedule.list()) {
        const ref = names.readMonitorSchedule(scheduleId);
        if (ref) entries.push({ ...ref, pausedByOperator: isPausedByOperator(state) });
      }
      return entries;
    },
  };
}

type Expected = {
  action: Action;
  policies: { catchupWindow: number };
};

function isChanged(
  { action, policies, state, raw }: ScheduleDescription,
  expected: Expected,
  { intervalSeconds, offsetSeconds }: MonitorScheduleSpec,
): boolean {
  const samePolicies =
    policies.overlap === ScheduleOverlapPolicy.SKIP &&
    policies.catchupWindow === expected.policies.catchupWindow &&
    !policies.pauseOnFailure &&
    state.remainingActions === undefined;
  const spec = raw.schedule?.spec;
  const [interval, ...others] = spec?.interval ?? [];
  const extras = [spec?.structuredCalendar, spec?.cronString, spec?.calendar, others];
  const excluded = [spec?.excludeStructuredCalendar, spec?.excludeCalendar];
  const sameTimes =
    Number(interval?.interval?.seconds ?? 0) === intervalSeconds &&
    Number(interval?.phase?.seconds ?? 0) === offsetSeconds &&
    !(interval?.interval?.nanos || interval?.phase?.nanos) &&
    ![...extras, ...excluded].some((extra) => extra?.length) &&
    !spec?.startTime &&
    !spec?.endTime &&
    Number(spec?.jitter?.seconds ?? 0) === 0 &&
    !spec?.jitter?.nanos;
  return !isSameAction(action, expected.action) || !samePolicies || !sameTimes;
}
