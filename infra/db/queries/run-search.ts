import type { RunMetadata } from '../../../domain/run/metadata.ts';
import {
  type RunErrorKind,
  type RunStatus,
  runStatuses,
  type ShownStatus,
  type Trigger,
  triggers,
} from '../../../domain/run/run.ts';
import { givenId } from '../../../domain/values/id.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import type { Db } from '../index.ts';
import { escapeLike } from './like.ts';

export type RunPosition = { createdAt: Date; id: string };

export type RunFilter = {
  orgId: string;
  workflowId?: string | undefined;
  serverId?: string | undefined;
  model?: string | undefined;
  versionId?: string | undefined;
  statuses?: readonly ShownStatus[] | undefined;
  trigger?: Trigger | undefined;
  flagged?: boolean | undefined;
  createdBefore?: Date | undefined;
  createdAfter?: Date | undefined;
  errorKind?: RunErrorKind | undefined;
  /** In the workflow's name, the error, the reason or the metadata; or a run's id. */
  search?: string | undefined;
  /** The oldest run to look at. */
  until?: RunPosition | undefined;
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
  metadata: RunMetadata | null;
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
      r."metadata", r."createdAt", r."startedAt", r."finishedAt"
    FROM (${runRangeQuery(range, listColumns)}) AS r
    JOIN "Workflow" w ON w."id" = r."workflowId"
    JOIN "Server" s ON s."id" = r."serverId"
    JOIN "WorkflowVersion" v ON v."id" = r."versionId"
    ORDER BY r."createdAt" DESC, r."id" DESC`;
}

/** Runs that a page of a search without an index looks at. */
const maxSearched = 2500;

/**
 * Runs that match, newest first, where text or the kind of error is searched, for which there is no index. Looks at
 * the newest 2,500 runs after `after` that match the other filters, so that the cost doesn't grow with history.
 * @returns `searchedTo`: the last run that was looked at; null if there are no more.
 */
export async function searchRunText(
  db: Database,
  filter: RunFilter,
): Promise<{ rows: RunRow[]; searchedTo: RunPosition | null }> {
  const indexed = { ...filter, search: undefined, errorKind: undefined };
  const range = await narrowToIndex(db, { ...indexed, limit: maxSearched });
  if (range === null) return { rows: [], searchedTo: null };
  const [last] = await db.$queryRaw<RunPosition[]>`
    SELECT * FROM (${runRangeQuery(range)}) AS "range" OFFSET ${maxSearched - 1}`;
  const rows = await findRuns(db, { ...filter, until: last });
  return { rows, searchedTo: last ?? null };
}

export async function findRunPositions(db: Database, filter: RunFilter): Promise<RunPosition[]> {
  const range = await narrowToIndex(db, filter);
  return range === null ? [] : db.$queryRaw<RunPosition[]>(runRangeQuery(range));
}

const listColumns = Prisma.sql`"id", "workflowId", "serverId", "versionId", "model", "trigger", "status", "flagged", "errorKind",
  "errorMessage", "callCount", "cost", "scheduledAt", "metadata", "createdAt", "startedAt", "finishedAt"`;

/**
 * Each combination of status and trigger is one range of an index that is in the order of the list, so the cost is that
 * of `limit` rows whatever the history and however rare a match is (a test checks the plans). No index has a version,
 * or a model and a server: add a workflow and times. The limit is part of the text, since a generic plan expects a
 * parameter to let a tenth of all runs through.
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
    errorKind,
    search,
    until,
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
    ...(until
      ? [Prisma.sql`("createdAt", "id") >= (${until.createdAt.toISOString()}::timestamptz, ${until.id}::uuid)`]
      : []),
    ...(errorKind === undefined ? [] : [Prisma.sql`"errorKind" = ${errorKind}`]),
    ...(search === undefined ? [] : [contains(orgId, search)]),
  ];
  const toRange = (conditions: Prisma.Sql[]) => Prisma.sql`
    (SELECT ${columns} FROM "Run" WHERE ${Prisma.join([...where, ...conditions], ' AND ')}
    ORDER BY "createdAt" DESC, "id" DESC LIMIT ${limit})`;
  // Flagged runs are few and have an index of their own.
  if (flagged !== undefined || (statuses === undefined && trigger === undefined && model === undefined))
    return toRange([
      ...(statuses === undefined ? [] : [Prisma.sql`(${Prisma.join(statuses.map(hasStatus), ' OR ')})`]),
      ...(trigger === undefined ? [] : [Prisma.sql`"trigger" = ${trigger}`]),
    ]);
  const ranges = (statuses ?? runStatuses).flatMap((status) => {
    const condition = statuses === undefined ? Prisma.sql`"status" = ${status}` : hasStatus(status);
    if (status === 'canceled' && trigger === undefined) return [toRange([condition])];
    const each = trigger === undefined ? triggers : [trigger];
    return each.map((one) => toRange([condition, Prisma.sql`"trigger" = ${one}`]));
  });
  return Prisma.sql`
    SELECT ${columns} FROM (${Prisma.join(ranges, ' UNION ALL ')}) AS "matches"
    ORDER BY "createdAt" DESC, "id" DESC LIMIT ${limit}`;
}

function contains(orgId: string, search: string): Prisma.Sql {
  const pattern = `%${escapeLike(search)}%`;
  return Prisma.sql`("workflowId" IN (SELECT "id" FROM "Workflow" WHERE "orgId" = ${orgId}::uuid AND "name" ILIKE ${pattern})
    OR "errorMessage" ILIKE ${pattern} OR "reason" ILIKE ${pattern} OR "id" = ${givenId.parse(search)}::uuid
    OR "metadata"->>'commit' ILIKE ${pattern} OR "metadata"->>'branch' ILIKE ${pattern} OR "metadata"->>'url' ILIKE ${pattern})`;
}

/** Canceled runs are few and have an index of their own, which needs its condition word for word. */
function hasStatus(status: ShownStatus): Prisma.Sql {
  if (status === 'canceled') return Prisma.sql`("errorKind" = 'canceled')`;
  return status === 'error'
    ? Prisma.sql`("status" = ${status} AND "errorKind" <> 'canceled')`
    : Prisma.sql`"status" = ${status}`;
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
