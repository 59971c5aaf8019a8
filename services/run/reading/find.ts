import { type RunStatus, runStatuses, type Trigger, triggers } from '../../../domain/run/run.ts';
import type { Db } from '../../../infra/db/index.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import type { Position } from '../../context/pagination.ts';

export type RunFilter = {
  orgId: string;
  workflowId?: string | undefined;
  serverId?: string | undefined;
  model?: string | undefined;
  versionId?: string | undefined;
  statuses?: readonly RunStatus[] | undefined;
  trigger?: Trigger | undefined;
  /** Made before, and after, these times. */
  before?: Date | undefined;
  after?: Date | undefined;
  /** Where a list goes on. */
  from?: Position | null;
  limit: number;
};

/**
 * The ids of runs, newest first. Each combination of status and trigger is one range of an index that holds nothing but
 * what matches, in order; the newest of those few rows are the answer. So the cost is that of `limit` rows whatever the
 * history and however rare a match is (a test holds the plans). A filter by model or version is in no index: narrow the
 * range by workflow and times beside it.
 */
export async function findRuns(db: Pick<Db, 'read'>, filter: RunFilter): Promise<Position[]> {
  const within = await rangeOf(db, filter);
  if (within === null) return [];
  const found = await db.read<{ id: string; createdAt: string }>(searchQuery(within));
  return found.map(({ id, createdAt }) => ({ id, createdAt: new Date(createdAt) }));
}

/** The filter as the indexes can serve it; null when nothing can match. */
export async function rangeOf(db: Pick<Db, 'read'>, filter: RunFilter): Promise<RunFilter | null> {
  const serverId = filter.workflowId === undefined ? filter.serverId : await serverWithin(db, filter);
  return serverId === null ? null : { ...filter, serverId };
}

/**
 * The statement that `findRuns` asks; its plan is held by a test. The limit stands in the text: a plan that is made
 * once for all values of a parameter would expect a tenth of all runs.
 * @param columns of "Run", `createdAt` and `id` among them.
 */
export function searchQuery(filter: RunFilter, columns: Prisma.Sql = Prisma.sql`"createdAt", "id"`): Prisma.Sql {
  const { orgId, workflowId, serverId, model, versionId, statuses, trigger, before, after, from } = filter;
  const limit = Prisma.raw(String(Math.trunc(filter.limit)));
  const where = [
    Prisma.sql`"orgId" = ${orgId}::uuid`,
    ...(workflowId === undefined ? [] : [Prisma.sql`"workflowId" = ${workflowId}::uuid`]),
    ...(serverId === undefined ? [] : [Prisma.sql`"serverId" = ${serverId}::uuid`]),
    ...(model === undefined ? [] : [Prisma.sql`"model" = ${model}`]),
    ...(versionId === undefined ? [] : [Prisma.sql`"versionId" = ${versionId}::uuid`]),
    ...(before ? [Prisma.sql`"createdAt" < ${before.toISOString()}::timestamptz`] : []),
    ...(after ? [Prisma.sql`"createdAt" > ${after.toISOString()}::timestamptz`] : []),
    ...(from
      ? [Prisma.sql`("createdAt", "id") < (${from.createdAt.toISOString()}::timestamptz, ${from.id}::uuid)`]
      : []),
  ];
  const range = (more: Prisma.Sql[]) => Prisma.sql`
    (SELECT ${columns} FROM "Run" WHERE ${Prisma.join([...where, ...more], ' AND ')}
    ORDER BY "createdAt" DESC, "id" DESC LIMIT ${limit})`;
  if (statuses === undefined && trigger === undefined) return range([]);
  const ranges = (statuses ?? runStatuses).flatMap((status) =>
    (trigger === undefined ? triggers : [trigger]).map((each) =>
      range([Prisma.sql`"status" = ${status}`, Prisma.sql`"trigger" = ${each}`]),
    ),
  );
  return Prisma.sql`
    SELECT ${columns} FROM (${Prisma.join(ranges, ' UNION ALL ')}) AS "found"
    ORDER BY "createdAt" DESC, "id" DESC LIMIT ${limit}`;
}

/**
 * A workflow's runs are on the server that their version names, mostly one for all. So a server beside a workflow is no
 * filter of runs (no index has both), but a question about the versions. Undefined: all of them are on it. Null: none.
 */
async function serverWithin(
  db: Pick<Db, 'read'>,
  { orgId, workflowId, serverId }: RunFilter,
): Promise<string | undefined | null> {
  if (serverId === undefined) return undefined;
  const servers = await db.read<{ serverId: string }>(Prisma.sql`
    SELECT DISTINCT "definition"->>'serverId' AS "serverId" FROM "WorkflowVersion"
    WHERE "orgId" = ${orgId}::uuid AND "workflowId" = ${workflowId}::uuid`);
  if (servers.every((row) => row.serverId !== serverId)) return null;
  return servers.length === 1 ? undefined : serverId;
}
