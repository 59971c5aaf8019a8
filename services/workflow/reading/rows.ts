import { z } from 'zod';
import { scheduleLabel } from '../../../domain/schedule/schedule.ts';
import type { Db } from '../../../infra/db/index.ts';
import { escapeLike } from '../../../infra/db/queries/like.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import type { Position } from '../../context/pagination.ts';

/** A workflow as lists show it. */
export const workflowRow = z.object({
  id: z.uuid(),
  slug: z.string().describe('What files and commands call it.'),
  name: z.string(),
  tags: z.array(z.string()),
  description: z.string(),
  serverId: z.uuid(),
  serverName: z.string(),
  state: z.string().describe('active, paused (manual runs only) or archived'),
  activeVersionId: z.uuid().describe('The baseVersionId that propose_workflow_patch takes.'),
  versionNumber: z.int(),
  schedule: z.string().nullable().describe('Five-field cron expression; null: manual only.'),
  timezone: z.string(),
  scheduleLabel: z.string(),
  schedulePausedByOperator: z.boolean(),
  passRate7d: z
    .number()
    .nullable()
    .describe('0 to 1: pass ÷ (pass + partial + fail) over 7 days (UTC) including today; null: no such run.'),
  lastRun: z.object({ id: z.uuid(), status: z.string(), flagged: z.boolean(), createdAt: z.iso.datetime() }).nullable(),
  createdAt: z.iso.datetime(),
});
export type WorkflowRow = z.infer<typeof workflowRow>;

type FoundRow = Omit<WorkflowRow, 'scheduleLabel' | 'lastRun' | 'createdAt'> & {
  createdAt: Date;
  modelCount: number;
} & (
    | { runId: string; runStatus: string; runFlagged: boolean; runCreatedAt: Date }
    | { runId: null; runStatus: null; runFlagged: null; runCreatedAt: null }
  );

const dayMs = 24 * 3_600_000;

/**
 * Workflows, newest first, each with its last run and pass rate, in one statement. Archived ones
 * only where `state` asks for them. `status`: of the last run.
 */
export async function findWorkflowRows(
  db: Db,
  of: {
    orgId: string;
    serverId?: string | undefined;
    workflowId?: string | undefined;
    state?: string | undefined;
    /** Archived ones too. */
    anyState?: boolean;
    status?: string | undefined;
    slug?: string | undefined;
    tag?: string | undefined;
    search?: string | undefined;
    after?: Position | null;
    limit: number;
    now: Date;
  },
): Promise<WorkflowRow[]> {
  const { orgId, after } = of;
  const search = of.search ? `%${escapeLike(of.search)}%` : null;
  const where = [
    Prisma.sql`w."orgId" = ${orgId}::uuid`,
    ...(of.state ? [Prisma.sql`w."state" = ${of.state}`] : of.anyState ? [] : [Prisma.sql`w."state" <> 'archived'`]),
    ...(of.serverId ? [Prisma.sql`w."serverId" = ${of.serverId}::uuid`] : []),
    ...(of.workflowId ? [Prisma.sql`w."id" = ${of.workflowId}::uuid`] : []),
    ...(of.status ? [Prisma.sql`r."status" = ${of.status}`] : []),
    ...(of.slug === undefined ? [] : [Prisma.sql`w."slug" = ${of.slug}`]),
    ...(of.tag === undefined ? [] : [Prisma.sql`w."tags" @> ARRAY[${of.tag}]`]),
    ...(search ? [Prisma.sql`(w."name" ILIKE ${search} OR w."description" ILIKE ${search})`] : []),
    ...(after
      ? [Prisma.sql`(w."createdAt", w."id") < (${after.createdAt.toISOString()}::timestamptz, ${after.id}::uuid)`]
      : []),
  ];
  const since = (Math.floor(of.now.getTime() / dayMs) - 6) * dayMs;
  const rows = await db.$queryRaw<FoundRow[]>`
    SELECT l.*, (SELECT sum("pass")::float8 / nullif(sum("graded"), 0) FROM "PassTally"
      WHERE "workflowId" = l."id" AND "slot" >= ${new Date(since).toISOString()}::timestamptz) AS "passRate7d"
    FROM (
      SELECT w."id", w."slug", w."name", w."tags", w."description", w."serverId", s."name" AS "serverName", w."state", w."activeVersionId",
        w."versionNumber", v."definition"->>'schedule' AS "schedule", v."definition"->>'timezone' AS "timezone",
        jsonb_array_length(v."definition"->'testerModels') AS "modelCount",
        w."schedulePausedByOperator", w."createdAt",
        r."runId", r."status" AS "runStatus", r."flagged" AS "runFlagged", r."createdAt" AS "runCreatedAt"
      FROM "Workflow" w
      JOIN "Server" s ON s."id" = w."serverId"
      JOIN "WorkflowVersion" v ON v."id" = w."activeVersionId"
      LEFT JOIN "LastRun" r ON r."workflowId" = w."id"
      WHERE ${Prisma.join(where, ' AND ')}
      ORDER BY w."createdAt" DESC, w."id" DESC LIMIT ${Prisma.raw(String(Math.trunc(of.limit)))}) l
    ORDER BY l."createdAt" DESC, l."id" DESC`;
  // Many workflows share a schedule, and building a label costs more than reading a workflow.
  const labels = new Map<string, string>();
  return rows.map((row): WorkflowRow => {
    const key = `${row.schedule} ${row.timezone} ${row.modelCount}`;
    const label = labels.get(key) ?? scheduleLabel(row.schedule, row.timezone, row.modelCount);
    labels.set(key, label);
    return {
      id: row.id,
      slug: row.slug,
      name: row.name,
      tags: row.tags,
      description: row.description,
      serverId: row.serverId,
      serverName: row.serverName,
      state: row.state,
      activeVersionId: row.activeVersionId,
      versionNumber: row.versionNumber,
      schedule: row.schedule,
      timezone: row.timezone,
      scheduleLabel: label,
      schedulePausedByOperator: row.schedulePausedByOperator,
      passRate7d: row.passRate7d,
      lastRun:
        row.runId === null
          ? null
          : {
              id: row.runId,
              status: row.runStatus,
              flagged: row.runFlagged,
              createdAt: row.runCreatedAt.toISOString(),
            },
      createdAt: row.createdAt.toISOString(),
    };
  });
}
