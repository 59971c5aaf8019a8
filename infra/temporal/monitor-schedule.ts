import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleUpdateOptions,
} from '@temporalio/client';
import { sameJson } from '../../domain/json/json.ts';
import type { temporalNames } from '../../domain/run/ids.ts';
import { toSearchAttributes } from './attributes.ts';
import { isPausedByOperator } from './schedule.ts';

/** When one server's monitors of one interval are checked: at every multiple of the interval in Unix time, plus the offset. */
export type MonitorScheduleSpec = {
  orgId: string;
  serverId: string;
  /** For people in Temporal Web. */
  serverName: string;
  intervalSeconds: number;
  offsetSeconds: number;
  /** Travels in the workflow's input: heartbeat timeout of its activity. */
  heartbeatSeconds: number;
};

export type MonitorScheduleRef = Pick<MonitorScheduleSpec, 'serverId' | 'intervalSeconds'>;
export type MonitorScheduleEntry = MonitorScheduleRef & { pausedByOperator: boolean };

/** A tick that is older is worth nothing any more: the next one is due. Temporal's least is 10 s. */
const toCatchupMs = (intervalSeconds: number): number => Math.min(intervalSeconds, 300) * 1000;

type Parts = { client: Client; names: ReturnType<typeof temporalNames> };

export function createMonitorSchedules({ client, names }: Parts) {
  const toId = ({ serverId, intervalSeconds }: MonitorScheduleRef) => names.monitorSchedule(serverId, intervalSeconds);
  const getHandle = (ref: MonitorScheduleRef) => client.schedule.getHandle(toId(ref));

  const toOptions = (spec: MonitorScheduleSpec) => {
    const { orgId, serverId, serverName, intervalSeconds, offsetSeconds, heartbeatSeconds } = spec;
    return {
      spec: { intervals: [{ every: intervalSeconds * 1000, offset: offsetSeconds * 1000 }] },
      action: {
        type: 'startWorkflow' as const,
        workflowType: 'checkMonitors',
        workflowId: toId(spec),
        taskQueue: names.queue('checks'),
        args: [{ orgId, serverId, intervalSeconds, heartbeatSeconds }],
        typedSearchAttributes: toSearchAttributes({ orgId, serverId }),
        memo: { monitors: `checks of ${serverName}`.slice(0, 200) },
      },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: toCatchupMs(intervalSeconds) },
    };
  };

  return {
    async sync(spec: MonitorScheduleSpec): Promise<{ pausedByOperator: boolean }> {
      const options = toOptions(spec);
      const typedSearchAttributes = toSearchAttributes(spec);
      try {
        await client.schedule.create({
          ...options,
          scheduleId: toId(spec),
          typedSearchAttributes,
          memo: { server: spec.serverName.slice(0, 200) },
        });
        return { pausedByOperator: false };
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

    /** Null when there is none. `changed`: somebody changed its times, what it starts or how. */
    async check(spec: MonitorScheduleSpec): Promise<{ changed: boolean; pausedByOperator: boolean } | null> {
      try {
        const found = await getHandle(spec).describe();
        return { changed: isChanged(found, toOptions(spec), spec), pausedByOperator: isPausedByOperator(found.state) };
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) return null;
        throw error;
      }
    },

    async remove(ref: MonitorScheduleRef): Promise<void> {
      try {
        await getHandle(ref).delete();
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
      }
    },

    async list(): Promise<MonitorScheduleEntry[]> {
      const found: MonitorScheduleEntry[] = [];
      for await (const { scheduleId, state } of client.schedule.list()) {
        const ref = names.readMonitorSchedule(scheduleId);
        if (ref) found.push({ ...ref, pausedByOperator: isPausedByOperator(state) });
      }
      return found;
    },
  };
}

type Wanted = {
  action: { workflowType: string; workflowId: string; taskQueue: string; args: unknown[] };
  policies: { catchupWindow: number };
};

function isChanged(
  { action, policies, state, raw }: ScheduleDescription,
  wanted: Wanted,
  { intervalSeconds, offsetSeconds }: MonitorScheduleSpec,
): boolean {
  const sameAction =
    action.workflowType === wanted.action.workflowType &&
    action.workflowId === wanted.action.workflowId &&
    action.taskQueue === wanted.action.taskQueue &&
    sameJson(action.args, wanted.action.args);
  const samePolicies =
    policies.overlap === ScheduleOverlapPolicy.SKIP &&
    policies.catchupWindow === wanted.policies.catchupWindow &&
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
  return !sameAction || !samePolicies || !sameTimes;
}
