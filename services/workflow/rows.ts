import { scheduleLabel } from '../../domain/schedule.ts';
import type { Db } from '../../infra/db/index.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import type { Position } from '../cursor.ts';
import { isoTime } from '../sql.ts';

/** A workflow as lists show it. */
export type WorkflowRow = {
  id: string;
  name: string;
  description: string;
  serverId: string;
  serverName: string;
  state: string;
  activeVersionId: string;
  versionNumber: number;
  /** Five-field cron; null: manual. */
  schedule: string | null;
  timezone: string;
  scheduleLabel: string;
  schedulePausedByOperator: boolean;
  /** pass ÷ (pass + partial + fail) of the last seven days, 0–1; null without such a run. */
  passRate7d: number | null;
  lastRun: { id: string; status: string; flagged: boolean; createdAt: string } | null;
  createdAt: string;
};

const hourMs = 3_600_000;
const weekMs = 7 * 24 * hourMs;
/** Of PassTally; slots begin at multiples of it. */
const slotMs = 6 * hourMs;

/**
 * Workflows, newest first, each with its last run and pass rate: one statement, however many they are. Archived ones only where
 * `state` asks for them. `status`: of the last run.
 */
export async function workflowRows(
  db: Db,
  of: {
    orgId: string;
    serverId?: string | undefined;
    workflowId?: string | undefined;
    state?: string | undefined;
    /** Archived ones too. */
    anyState?: boolean;
    status?: string | undefined;
    search?: string | undefined;
    after?: Position | null;
    limit: number;
    now: Date;
  },
): Promise<WorkflowRow[]> {
  const { orgId, after } = of;
  const search = of.search ? `%${of.search.replace(/[\\%_]/g, '\\$&')}%` : null;
  const where = [
    Prisma.sql`w."orgId" = ${orgId}::uuid`,
    ...(of.state ? [Prisma.sql`w."state" = ${of.state}`] : of.anyState ? [] : [Prisma.sql`w."state" <> 'archived'`]),
    ...(of.serverId ? [Prisma.sql`w."serverId" = ${of.serverId}::uuid`] : []),
    ...(of.workflowId ? [Prisma.sql`w."id" = ${of.workflowId}::uuid`] : []),
    ...(of.status ? [Prisma.sql`r."status" = ${of.status}`] : []),
    ...(search ? [Prisma.sql`(w."name" ILIKE ${search} OR w."description" ILIKE ${search})`] : []),
    ...(after
      ? [Prisma.sql`(w."createdAt", w."id") < (${after.createdAt.toISOString()}::timestamptz, ${after.id}::uuid)`]
      : []),
  ];
  const since = of.now.getTime() - weekMs;
  const time = (ms: number) => Prisma.sql`${new Date(ms).toISOString()}::timestamptz`;
  const firstSlot = time(Math.ceil(since / slotMs) * slotMs);
  const [found] = await db.read<{ workflows: Omit<WorkflowRow, 'scheduleLabel'>[] }>(Prisma.sql`
    SELECT coalesce(json_agg(json_build_object(
      'id', l."id", 'name', l."name", 'description', l."description", 'serverId', l."serverId", 'serverName', l."serverName",
      'state', l."state", 'activeVersionId', l."activeVersionId", 'versionNumber', l."versionNumber",
      'schedule', l."definition"->>'schedule', 'timezone', l."definition"->>'timezone',
      'schedulePausedByOperator', l."schedulePausedByOperator",
      'passRate7d', week."pass"::float8 / nullif(week."graded", 0),
      'lastRun', l."lastRun", 'createdAt', ${isoTime('l."createdAt"')}
    ) ORDER BY l."createdAt" DESC, l."id" DESC), '[]') AS "workflows"
    FROM (
      SELECT w.*, s."name" AS "serverName", v."definition", r."shown" AS "lastRun"
      FROM "Workflow" w
      JOIN "Server" s ON s."id" = w."serverId"
      JOIN "WorkflowVersion" v ON v."orgId" = w."orgId" AND v."id" = w."activeVersionId"
      LEFT JOIN LATERAL (
        SELECT "status", json_build_object('id', "id", 'status', "status", 'flagged', "flagged", 'createdAt',
          ${isoTime('"createdAt"')}) AS "shown"
        FROM "Run" WHERE "orgId" = w."orgId" AND "workflowId" = w."id" ORDER BY "createdAt" DESC, "id" DESC LIMIT 1) r ON true
      WHERE ${Prisma.join(where, ' AND ')}
      ORDER BY w."createdAt" DESC, w."id" DESC LIMIT ${Prisma.raw(String(Math.trunc(of.limit)))}) l
    CROSS JOIN LATERAL (
      SELECT sum("pass") AS "pass", sum("graded") AS "graded" FROM (
        SELECT "pass", "graded" FROM "PassTally" WHERE "workflowId" = l."id" AND "slot" >= ${firstSlot}
        UNION ALL
        SELECT count(*) FILTER (WHERE "status" = 'pass'), count(*) FILTER (WHERE "status" IN ('pass', 'partial', 'fail'))
        FROM "Run" WHERE "orgId" = l."orgId" AND "workflowId" = l."id"
          AND "createdAt" >= ${time(since)} AND "createdAt" < ${firstSlot}) counted) week`);
  // Many share a schedule, and wording one costs more than reading a workflow.
  const labels = new Map<string, string>();
  return (found?.workflows ?? []).map((row) => {
    const key = `${row.schedule} ${row.timezone}`;
    const label = labels.get(key) ?? scheduleLabel(row.schedule, row.timezone);
    labels.set(key, label);
    return { ...row, scheduleLabel: label };
  });
}
