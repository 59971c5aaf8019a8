import type { CallOutcome } from '../../../domain/run/run.ts';
import type { Db, Tx } from '../index.ts';

type RunRef = { orgId: string; runId: string };

export type FencedRun = {
  fence: number;
  model: string;
  workflowId: string;
  serverId: string;
  startedAt: Date;
  cancelRequestedBy: string | null;
  definition: unknown;
};

/**
 * Makes the caller the only attempt that may write to the run, and marks it as running. Null when the run has ended.
 */
export async function takeFence(
  db: Db,
  { orgId, runId, traceId }: RunRef & { traceId: string | null },
  now: Date,
): Promise<FencedRun | null> {
  const [run] = await db.$queryRaw<FencedRun[]>`
    UPDATE "Run" r SET "fence" = r."fence" + 1, "status" = 'running',
      "startedAt" = COALESCE(r."startedAt", ${now.toISOString()}::timestamptz),
      "traceId" = COALESCE(r."traceId", ${traceId})
    FROM "WorkflowVersion" v
    WHERE r."orgId" = ${orgId}::uuid AND r."id" = ${runId}::uuid AND r."status" IN ('pending', 'running')
      AND v."orgId" = r."orgId" AND v."id" = r."versionId"
    RETURNING r."fence", r."model", r."workflowId", r."serverId", r."startedAt", r."cancelRequestedBy", v."definition"`;
  return run ?? null;
}

export type EndingRun = { status: string; model: string; cancelRequestedBy: string | null; criteriaCount: number };

/**
 * Locks an open run until the transaction ends and raises its fence, so that no attempt writes after it and a later
 * cancel request finds a run that has ended. Null when it has ended already.
 */
export async function lockEndingRun(tx: Tx, { orgId, runId }: RunRef): Promise<EndingRun | null> {
  const [run] = await tx.$queryRaw<EndingRun[]>`
    UPDATE "Run" r SET "fence" = r."fence" + 1 FROM "WorkflowVersion" v
    WHERE r."orgId" = ${orgId}::uuid AND r."id" = ${runId}::uuid AND r."status" IN ('pending', 'running')
      AND v."orgId" = r."orgId" AND v."id" = r."versionId"
    RETURNING r."status", r."model", r."cancelRequestedBy", jsonb_array_length(v."definition"->'criteria') AS "criteriaCount"`;
  return run ?? null;
}

export type EndedCall = { index: number; outcome: CallOutcome; isSealed: boolean };

/** Outcome of each tool call of a run, without reading the results. A CHECK constraint guarantees the closed set. */
export function findCallOutcomes(tx: Tx, { orgId, runId }: RunRef): Promise<EndedCall[]> {
  return tx.$queryRaw<EndedCall[]>`
    SELECT "index", "outcome", "sealedResult" IS NOT NULL AS "isSealed" FROM "ToolCall"
    WHERE "orgId" = ${orgId}::uuid AND "runId" = ${runId}::uuid`;
}

/** Marks calls without an answer as interrupted and deletes sealed results. */
export async function closeOpenCalls(tx: Tx, { orgId, runId }: RunRef): Promise<void> {
  await tx.$executeRaw`
    UPDATE "ToolCall" SET "sealedResult" = NULL,
      "outcome" = CASE "outcome" WHEN 'started' THEN 'interrupted' ELSE "outcome" END
    WHERE "orgId" = ${orgId}::uuid AND "runId" = ${runId}::uuid AND ("outcome" = 'started' OR "sealedResult" IS NOT NULL)`;
}
