import { type RunErrorKind, type RunStatus, runStatuses, type Trigger, triggers } from '../../../domain/run/run.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import type { Db } from '../index.ts';

export type RunPosition = { createdAt: Date; id: string };

export type RunFilter = {
  orgId: string;
  workflowId?: string | undefined;
  serverId?: string | undefined;
  model?: string | undefined;
  versionId?: string | undefined;
  statuses?: readonly RunStatus[] | undefined;
  trigger?: Trigger | undefined;
  flagged?: boolean | undefined;
  createdBefore?: Date | undefined;
  createdAfter?: Date | undefined;
  /** The last run of the previous page. */
  after?: RunPosition | null;
  limit: number;
};

/** A run as lists show it. CHECK constraints guarantee the closed sets; `cost` is in US dollars. */
export type RunRow = RunPosition & {
  workflowId: string;
  workflowName: string;
  serverName: string;
  versionNumber: number;
  model: string;
  trigger: Trigger;
  status: RunStatus;
  flagged: boolean;
  errorKind: RunErrorKind | null;
  errorMessage: string | null;
  callCount: number;
  cost: number | null;
  scheduledAt: Date | null;
  startedAt: Date | null;
  finishedAt: Date | null;
};

type Database = Pick<Db, '$queryRaw'>;

/**
 * Runs that match, newest first. Names are joined by id alone, since the foreign keys guarantee that they are of the
 * same organization.
 */
export async function findRuns(db: Database, filter: RunFilter): Promise<RunRow[]> {
  const range = await narrowToIndex(db, filter);
  if (range === null) return [];
  return db.$queryRaw<RunRow[]>`
    SELECT r."id", r."workflowId", w."name" AS "workflowName", s."name" AS "serverName", v."number" AS "versionNumber", r."model",
      r."trigger", r."status", r."flagged", r."errorKind", r."errorMessage", r."callCount", r."cost"::float8 AS "cost", r."scheduledAt",
      r."createdAt", r."startedAt", r."finishedAt"
    FROM (${runRangeQuery(range, listColumns)}) AS r
    JOIN "Workflow" w ON w."id" = r."workflowId"
    JOIN "Server" s ON s."id" = r."serverId"
    JOIN "WorkflowVersion" v ON v."id" = r."versionId"
    ORDER BY r."createdAt" DESC, r."id" DESC`;
}

export async function findRunPositions(db: Database, filter: RunFilter): Promise<RunPosition[]> {
  const range = await narrowToIndex(db, filter);
  return range === null ? [] : db.$queryRaw<RunPosition[]>(runRangeQuery(range));
}

const listColumns = Prisma.sql`"id", "workflowId", "serverId", "versionId", "model", "trigger", "status", "flagged", "errorKind",
  "errorMessage", "callCount", "cost", "scheduledAt", "createdAt", "startedAt", "finishedAt"`;

/**
 * Each combination of status and trigger is one range of an index that is in the order of the list, so the cost is that
 * of `limit` rows whatever the history and however rare a match is (a test checks the plans). No index has model and
 * version: add a workflow and times. The limit is part of the text, since a generic plan expects a parameter to let a
 * tenth of all runs through.
 * @param columns of "Run", `createdAt` and `id` among them.
 */
export function runRangeQuery(filter: RunFilter, columns: Prisma.Sql = Prisma.sql`"createdAt", "id"`): Prisma.Sql {
  const {
    orgId,
    workflowId,
    serverId,
    model,
    versionId,
    statuses,
    trigger,
    flagged,
    createdBefore,
    createdAfter,
    after,
  } = filter;
  const limit = Prisma.raw(String(Math.trunc(filter.limit)));
  const where = [
    Prisma.sql`"orgId" = ${orgId}::uuid`,
    ...(workflowId === undefined ? [] : [Prisma.sql`"workflowId" = ${workflowId}::uuid`]),
    ...(serverId === undefined ? [] : [Prisma.sql`"serverId" = ${serverId}::uuid`]),
    ...(model === undefined ? [] : [Prisma.sql`"model" = ${model}`]),
    ...(versionId === undefined ? [] : [Prisma.sql`"versionId" = ${versionId}::uuid`]),
    ...(flagged === undefined ? [] : [flagged ? Prisma.sql`"flagged"` : Prisma.sql`NOT "flagged"`]),
    ...(createdBefore ? [Prisma.sql`"createdAt" < ${createdBefore.toISOString()}::timestamptz`] : []),
    ...(createdAfter ? [Prisma.sql`"createdAt" > ${createdAfter.toISOString()}::timestamptz`] : []),
    ...(after
      ? [Prisma.sql`("createdAt", "id") < (${after.createdAt.toISOString()}::timestamptz, ${after.id}::uuid)`]
      : []),
  ];
  const toRange = (conditions: Prisma.Sql[]) => Prisma.sql`
    (SELECT ${columns} FROM "Run" WHERE ${Prisma.join([...where, ...conditions], ' AND ')}
    ORDER BY "createdAt" DESC, "id" DESC LIMIT ${limit})`;
  // Flagged runs are few and have an index of their own.
  if (flagged !== undefined || (statuses === undefined && trigger === undefined))
    return toRange([
      ...(statuses === undefined ? [] : [Prisma.sql`"status" IN (${Prisma.join([...statuses])})`]),
      ...(trigger === undefined ? [] : [Prisma.sql`"trigger" = ${trigger}`]),
    ]);
  const ranges = (statuses ?? runStatuses).flatMap((status) =>
    (trigger === undefined ? triggers : [trigger]).map((each) =>
      toRange([Prisma.sql`"status" = ${status}`, Prisma.sql`"trigger" = ${each}`]),
    ),
  );
  return Prisma.sql`
    SELECT ${columns} FROM (${Prisma.join(ranges, ' UNION ALL ')}) AS "matches"
    ORDER BY "createdAt" DESC, "id" DESC LIMIT ${limit}`;
}

/**
 * No index has both workflow and server, so a server beside a workflow is looked up in the workflow's versions, which
 * name their server.
 * @returns the filter without the server when all versions name it; null when none does.
 */
async function narrowToIndex(db: Database, filter: RunFilter): Promise<RunFilter | null> {
  const { orgId, workflowId, serverId } = filter;
  if (workflowId === undefined || serverId === undefined) return filter;
  const servers = await db.$queryRaw<{ serverId: string }[]>`
    SELECT DISTINCT "definition"->>'serverId' AS "serverId" FROM "WorkflowVersion"
    WHERE "orgId" = ${orgId}::uuid AND "workflowId" = ${workflowId}::uuid`;
  if (!servers.some((row) => row.serverId === serverId)) return null;
  return servers.length === 1 ? { ...filter, serverId: undefined } : filter;
}
