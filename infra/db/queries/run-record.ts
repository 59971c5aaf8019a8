import type { RequestFailure } from '../../../domain/monitor/server-failure.ts';
import type { RunMetadata } from '../../../domain/run/metadata.ts';
import type {
  CriterionResult,
  RunErrorKind,
  RunLimit,
  RunStatus,
  ToolCall,
  ToolResult,
  TraceEvent,
  Trigger,
} from '../../../domain/run/run.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import type { Db } from '../index.ts';

/**
 * Everything that is stored about one run. Null where a value is absent; times within the lists as Postgres writes
 * them.
 */
export type RunRecordRow = {
  id: string;
  workflowId: string;
  workflowName: string;
  versionId: string;
  versionNumber: number;
  serverId: string;
  serverName: string;
  model: string;
  trigger: Trigger;
  status: RunStatus;
  flagged: boolean;
  errorKind: RunErrorKind | null;
  errorMessage: string | null;
  limitHit: RunLimit | null;
  scheduledAt: Date | null;
  reason: string | null;
  attempt: number;
  baselineRunId: string | null;
  metadata: RunMetadata | null;
  turnCount: number;
  callCount: number;
  inputTokens: number;
  outputTokens: number;
  judgeTokens: number;
  cost: number | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  finalAnswer: string | null;
  catalogHash: string | null;
  definition: unknown;
  results: (Omit<CriterionResult, 'judge'> & { judge: Exclude<CriterionResult['judge'], undefined> | null })[];
  events: TraceEvent[];
  calls: (Omit<ToolCall, 'result' | 'error' | 'failure' | 'latencyMs'> & {
    result: ToolResult | null;
    error: string | null;
    failure: RequestFailure | null;
    latencyMs: number | null;
  })[];
};

/** Of a run `r`, with its workflow `w`, server `s` and version `v`. */
export const runColumns = Prisma.sql`
      r."id", r."workflowId", r."versionId", r."serverId", r."model", r."trigger", r."status", r."flagged", r."errorKind",
      r."errorMessage", r."limitHit", r."scheduledAt", r."reason", r."attempt", r."baselineRunId", r."metadata",
      r."turnCount", r."callCount",
      r."inputTokens", r."outputTokens", r."judgeTokens", r."cost"::float8 AS "cost", r."createdAt", r."startedAt", r."finishedAt",
      w."name" AS "workflowName", s."name" AS "serverName", v."number" AS "versionNumber"`;

/** One statement for all of it. CHECK constraints guarantee the closed sets. */
export async function findRunRecord(
  db: Pick<Db, '$queryRaw'>,
  { orgId, runId }: { orgId: string; runId: string },
): Promise<RunRecordRow | undefined> {
  const [row] = await db.$queryRaw<RunRecordRow[]>`
  SELECT ${runColumns},
      r."finalAnswer", r."catalogHash", v."definition",
      (SELECT coalesce(json_agg(json_build_object(
          'criterionId', c."criterionId", 'position', c."position", 'text', c."text", 'isRequired', c."isRequired",
          'verdict', c."verdict", 'rationale', c."rationale", 'evidence', c."evidence", 'gradedBy', c."gradedBy", 'judge', c."judge"
        ) ORDER BY c."position"), '[]')
        FROM "CriterionResult" c WHERE c."orgId" = r."orgId" AND c."runId" = r."id") AS "results",
      (SELECT coalesce(json_agg(
          e."data" - 'offeredHash' || jsonb_build_object('seq', e."seq", 'at', e."at", 'type', e."type")
          || CASE WHEN o."hash" IS NULL THEN '{}' ELSE jsonb_build_object('offered', o."names") END ORDER BY e."seq"), '[]')
        FROM "TraceEvent" e LEFT JOIN "OfferedTools" o ON e."type" = 'connected' AND o."orgId" = e."orgId"
          AND o."hash" = e."data"->>'offeredHash'
        WHERE e."orgId" = r."orgId" AND e."runId" = r."id") AS "events",
      (SELECT coalesce(json_agg(json_build_object(
          'index', t."index", 'turn', t."turn", 'tool', t."tool", 'arguments', t."arguments", 'outcome', t."outcome",
          'result', t."result", 'error', t."error", 'failure', t."failure",
          'startedAt', t."startedAt", 'latencyMs', t."latencyMs", 'attempts', t."attempts"
        ) ORDER BY t."index"), '[]')
        FROM "ToolCall" t WHERE t."orgId" = r."orgId" AND t."runId" = r."id") AS "calls"
    FROM "Run" r
    JOIN "Workflow" w ON w."id" = r."workflowId"
    JOIN "Server" s ON s."id" = r."serverId"
    JOIN "WorkflowVersion" v ON v."id" = r."versionId"
    WHERE r."orgId" = ${orgId}::uuid AND r."id" = ${runId}::uuid`;
  return row;
}
