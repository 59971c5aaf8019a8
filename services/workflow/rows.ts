import { scheduleLabel } from '../../domain/schedule.ts';
import type { Db } from '../../infra/db/index.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import type { Position } from '../cursor.ts';

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

const weekMs = 7 * 24 * 3_600_000;

/**
 * Workflows, newest first, each with its last run and pass rate: two queries, however many they are. Archived ones only where
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
  const rows = await db.$queryRaw<Found[]>`
    SELECT w."id", w."name", w."description", w."serverId", s."name" AS "serverName", w."state", w."activeVersionId",
      w."versionNumber", w."schedulePausedByOperator", w."createdAt", v."definition"->>'schedule' AS "schedule",
      v."definition"->>'timezone' AS "timezone",
      r."id" AS "runId", r."status" AS "runStatus", r."flagged" AS "runFlagged", r."createdAt" AS "runCreatedAt"
    FROM "Workflow" w
    JOIN "Server" s ON s."orgId" = w."orgId" AND s."id" = w."serverId"
    JOIN "WorkflowVersion" v ON v."orgId" = w."orgId" AND v."id" = w."activeVersionId"
    LEFT JOIN LATERAL (
      SELECT "id", "status", "flagged", "createdAt" FROM "Run"
      WHERE "orgId" = w."orgId" AND "workflowId" = w."id" ORDER BY "createdAt" DESC, "id" DESC LIMIT 1) r ON true
    WHERE ${Prisma.join(where, ' AND ')}
    ORDER BY w."createdAt" DESC, w."id" DESC LIMIT ${of.limit}::int`;
  const rates = await passRates(db, orgId, rows, new Date(of.now.getTime() - weekMs));
  return rows.map(({ runId, runStatus, runFlagged, runCreatedAt, createdAt, ...row }) => ({
    ...row,
    scheduleLabel: scheduleLabel(row.schedule, row.timezone),
    passRate7d: rates.get(row.id) ?? null,
    lastRun:
      runId !== null && runStatus !== null && runFlagged !== null && runCreatedAt !== null
        ? { id: runId, status: runStatus, flagged: runFlagged, createdAt: runCreatedAt.toISOString() }
        : null,
    createdAt: createdAt.toISOString(),
  }));
}

type Found = Omit<WorkflowRow, 'scheduleLabel' | 'passRate7d' | 'lastRun' | 'createdAt'> & {
  createdAt: Date;
  runId: string | null;
  runStatus: string | null;
  runFlagged: boolean | null;
  runCreatedAt: Date | null;
};

async function passRates(
  db: Db,
  orgId: string,
  of: readonly { id: string }[],
  since: Date,
): Promise<Map<string, number>> {
  if (of.length === 0) return new Map();
  const counts = await db.run.groupBy({
    by: ['workflowId', 'status'],
    where: {
      orgId,
      workflowId: { in: of.map(({ id }) => id) },
      createdAt: { gte: since },
      status: { in: ['pass', 'partial', 'fail'] },
    },
    _count: { _all: true },
  });
  const totals = new Map<string, { pass: number; all: number }>();
  for (const { workflowId, status, _count } of counts) {
    const total = totals.get(workflowId) ?? { pass: 0, all: 0 };
    total.all += _count._all;
    if (status === 'pass') total.pass += _count._all;
    totals.set(workflowId, total);
  }
  return new Map([...totals].map(([id, { pass, all }]) => [id, pass / all]));
}
