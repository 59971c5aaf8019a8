import {
  type CheckErrorKind,
  type CheckOutcome,
  checkErrorKinds,
  checkOutcomes,
  type MonitorState,
  monitorStates,
} from '../../../domain/monitor/monitor.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import type { OutcomeSums } from '../../../infra/db/queries/check.ts';
import type { Redactor } from '../../../infra/redaction/index.ts';
import type {
  CheckModel as CheckRow,
  MonitorHealthModel as HealthRow,
  IncidentModel as IncidentRow,
  MonitorModel as Row,
  MonitorScheduleModel as ScheduleRow,
} from '../../../prisma/generated/models.ts';

/** A monitor as readers see it. Times are ISO 8601. */
export type MonitorView = {
  id: string;
  /** What files and commands call it. */
  slug: string;
  name: string;
  serverId: string;
  authProfileId: string;
  tool: string;
  /** The server's own secrets are masked in them. */
  arguments: { [name: string]: unknown };
  intervalSeconds: number;
  timeoutSeconds: number;
  degradedAboveMs: number | null;
  assertions: string[];
  /** Whether a result that breaks the tool's output schema is degraded. */
  checkOutputSchema: boolean;
  storeResults: boolean;
  state: MonitorState;
  createdAt: string;
  updatedAt: string;
  archivedAt: string | null;
};

/** The latest check that was carried out. `since`: when it began to pass (pass, degraded), or to fail. */
export type HealthView = {
  outcome: CheckOutcome;
  errorKind: CheckErrorKind | null;
  latencyMs: number | null;
  checkedAt: string;
  since: string;
  /** Consecutive checks that did not pass. */
  consecutiveFailures: number;
};

/** Checks by outcome. `notReached` and `inMaintenance` are in none of the others, and don't count for the uptime. */
export type OutcomeCounts = OutcomeSums;

/** Shares of the checks that count, 0 to 1; null without any. */
export type UptimeView = {
  /** (pass + degraded) ÷ all. */
  uptime: number | null;
  /** pass ÷ all: degraded counts as down. */
  strictUptime: number | null;
  counts: OutcomeCounts;
};

/** A monitor in a list. */
export type MonitorRow = Pick<
  MonitorView,
  'id' | 'slug' | 'name' | 'serverId' | 'tool' | 'intervalSeconds' | 'state' | 'createdAt'
> & {
  serverName: string;
  /** Beginning of the arguments' JSON, masked; empty for none. Distinguishes monitors of one tool. */
  argumentsHint: string;
  health: HealthView | null;
  /** Of the last 24 hours. */
  uptime: UptimeView;
  openIncidentId: string | null;
  /** Whether its server is in a maintenance window now. */
  inMaintenance: boolean;
  /** It has been checked and has never passed, so it opens no incident. */
  isSettingUp: boolean;
};

/** Monitors that aren't archived, each counted once: by its latest check, or as paused. */
export type MonitorTotals = {
  all: number;
  pass: number;
  degraded: number;
  fail: number;
  error: number;
  unchecked: number;
  paused: number;
};

/** One check. `at` is its nominal time. Texts are the server's own, redacted, untrusted. */
export type CheckView = {
  at: string;
  /** Key of the request for a manual check. */
  key: string | null;
  startedAt: string | null;
  outcome: CheckOutcome;
  errorKind: CheckErrorKind | null;
  latencyMs: number | null;
  excerpt: string | null;
  resultBytes: number | null;
  /** Why it is degraded: assertions that weren't met, the threshold that was exceeded. */
  degradedBy: string[];
  attempts: number;
  maintenance: boolean;
};

/** One bucket of the chart; latencies in milliseconds, null where no check got an answer. */
export type ChartPoint = {
  at: string;
  uptime: number | null;
  p50: number | null;
  p95: number | null;
  counts: OutcomeCounts;
};

export type MonitorIncident = {
  id: string;
  level: string;
  summary: string;
  openedAt: string;
  closedAt: string | null;
  closeReason: string | null;
  failureCount: number;
  /** The server's incident that absorbed this one. */
  parentId: string | null;
};

/** State of the Temporal Schedule of a monitor's server and interval. */
export type MonitorScheduleView = {
  /** False while the Schedule still has to follow a change. */
  synced: boolean;
  pausedByOperator: boolean;
};

const toIso = (time: Date | null): string | null => time?.toISOString() ?? null;

export const monitorView = (row: Row, redactor: Redactor): MonitorView => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  serverId: row.serverId,
  authProfileId: row.authProfileId,
  tool: row.tool,
  arguments: objectOf(redactor.value(row.arguments)),
  intervalSeconds: row.intervalSeconds,
  timeoutSeconds: row.timeoutSeconds,
  degradedAboveMs: row.degradedAboveMs,
  assertions: row.assertions,
  checkOutputSchema: row.checkOutputSchema,
  storeResults: row.storeResults,
  state: oneOf(monitorStates, row.state),
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  archivedAt: toIso(row.archivedAt),
});

export const healthView = (row: Omit<HealthRow, 'orgId' | 'monitorId'>): HealthView => ({
  outcome: oneOf(checkOutcomes, row.outcome),
  errorKind: row.errorKind === null ? null : oneOf(checkErrorKinds, row.errorKind),
  latencyMs: row.latencyMs,
  checkedAt: row.checkedAt.toISOString(),
  since: row.since.toISOString(),
  consecutiveFailures: row.consecutiveFailures,
});

export const checkView = (row: CheckRow): CheckView => ({
  at: row.scheduledAt.toISOString(),
  key: row.key === '' ? null : row.key,
  startedAt: toIso(row.startedAt),
  outcome: oneOf(checkOutcomes, row.outcome),
  errorKind: row.errorKind === null ? null : oneOf(checkErrorKinds, row.errorKind),
  latencyMs: row.latencyMs,
  excerpt: row.excerpt,
  resultBytes: row.resultBytes,
  degradedBy: row.degradedBy,
  attempts: row.attempts,
  maintenance: row.maintenance,
});

export const toMonitorIncident = (row: IncidentRow): MonitorIncident => ({
  id: row.id,
  level: row.level,
  summary: row.summary,
  openedAt: row.openedAt.toISOString(),
  closedAt: toIso(row.closedAt),
  closeReason: row.closeReason,
  failureCount: row.failureCount,
  parentId: row.parentId,
});

export const scheduleView = (row: ScheduleRow | null): MonitorScheduleView => ({
  synced: row !== null && row.syncedRevision >= row.revision,
  pausedByOperator: row?.pausedByOperator ?? false,
});

/** Arguments are stored as an object. */
export const objectOf = (value: unknown): { [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
