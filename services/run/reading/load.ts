import type { z } from 'zod';
import type { CatalogToolShape } from '../../../domain/catalog/diff.ts';
import { toEntries } from '../../../domain/json/json.ts';
import type { CriterionResult, RunErrorKind, ToolCall, ToolResult, TraceEvent } from '../../../domain/run/run.ts';
import type { WorkflowDefinition } from '../../../domain/workflow/definition.ts';
import type { Db } from '../../../infra/db/index.ts';
import { isoTime } from '../../../infra/db/iso-time.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import type { CatalogToolModel } from '../../../prisma/generated/models.ts';
import { parseDefinition } from '../../workflow/view.ts';
import { runNotFound } from '../errors.ts';
import type { runSchema } from './schema.ts';
import { getDurationMs } from './view.ts';

/** All that the database holds of one run. Results that are still sealed stay so. */
export type RunRecord = {
  run: z.infer<typeof runSchema>;
  finalAnswer: string | null;
  definition: WorkflowDefinition;
  catalogHash: string | null;
  results: CriterionResult[];
  events: TraceEvent[];
  calls: ToolCall[];
};

/** @throws ArmatureError `run_not_found`. */
export async function loadRun(db: Db, of: { orgId: string; runId: string }): Promise<RunRecord> {
  const { definition, ...record } = await readRun(db, of);
  return { ...record, definition: parseDefinition({ definition }) };
}

/** The same with the definition as it is stored. @throws ArmatureError `run_not_found`. */
export async function readRun(
  db: Pick<Db, 'read'>,
  { orgId, runId }: { orgId: string; runId: string },
): Promise<Omit<RunRecord, 'definition'> & { definition: unknown }> {
  const [found] = await db.read<FoundRun>(runRecordQuery(orgId, runId));
  if (!found) throw runNotFound(runId);
  const { finalAnswer, catalogHash, definition, results, events, calls, errorKind, errorMessage, ...run } = found;
  return {
    run: {
      ...run,
      error: errorKind === null ? null : { kind: errorKind, message: errorMessage ?? '' },
      durationMs: getDurationMs(run),
    },
    finalAnswer,
    catalogHash,
    definition,
    results: results.map(({ judge, ...result }) => ({ ...result, ...(judge !== null && { judge }) })),
    events: events.map((event) => ({ ...event, at: isoTime(event.at) })),
    calls: calls.map(({ result, error, latencyMs, startedAt, ...call }) => ({
      ...call,
      startedAt: isoTime(startedAt),
      ...(result !== null && { result }),
      ...(error !== null && { error }),
      ...(latencyMs !== null && { latencyMs }),
    })),
  };
}

type Run = RunRecord['run'];

/** With null for what is absent, and times within lists as Postgres writes them there. */
type FoundRun = Omit<Run, 'error' | 'durationMs'> & {
  errorKind: RunErrorKind | null;
  errorMessage: string | null;
  finalAnswer: string | null;
  catalogHash: string | null;
  definition: unknown;
  results: (Omit<CriterionResult, 'judge'> & { judge: Exclude<CriterionResult['judge'], undefined> | null })[];
  events: TraceEvent[];
  calls: (Omit<ToolCall, 'result' | 'error' | 'latencyMs'> & {
    result: ToolResult | null;
    error: string | null;
    latencyMs: number | null;
  })[];
};

/** One statement for everything. Only recorder.ts, grade.ts and finish.ts of ../execution write these rows. */
const runRecordQuery = (orgId: string, runId: string): Prisma.Sql => Prisma.sql`
  SELECT r."id", r."workflowId", r."versionId", r."serverId", r."model", r."trigger", r."status", r."flagged", r."errorKind",
    r."errorMessage", r."limitHit", r."scheduledAt", r."reason", r."attempt", r."baselineRunId", r."turnCount", r."callCount",
    r."inputTokens", r."outputTokens", r."judgeTokens", r."cost", r."createdAt", r."startedAt", r."finishedAt",
    w."name" AS "workflowName", s."name" AS "serverName", v."number" AS "versionNumber",
    r."finalAnswer", r."catalogHash", v."definition",
    (SELECT coalesce(json_agg(json_build_object(
        'criterionId', c."criterionId", 'position', c."position", 'text', c."text", 'isRequired', c."isRequired",
        'verdict', c."verdict", 'rationale', c."rationale", 'evidence', c."evidence", 'gradedBy', c."gradedBy", 'judge', c."judge"
      ) ORDER BY c."position"), '[]')
      FROM "CriterionResult" c WHERE c."orgId" = r."orgId" AND c."runId" = r."id") AS "results",
    (SELECT coalesce(json_agg(
        e."data" || jsonb_build_object('seq', e."seq", 'at', e."at", 'type', e."type") ORDER BY e."seq"), '[]')
      FROM "TraceEvent" e WHERE e."orgId" = r."orgId" AND e."runId" = r."id") AS "events",
    (SELECT coalesce(json_agg(json_build_object(
        'index', t."index", 'turn', t."turn", 'tool', t."tool", 'arguments', t."arguments", 'outcome', t."outcome",
        'result', t."result", 'error', t."error", 'startedAt', t."startedAt", 'latencyMs', t."latencyMs", 'attempts', t."attempts"
      ) ORDER BY t."index"), '[]')
      FROM "ToolCall" t WHERE t."orgId" = r."orgId" AND t."runId" = r."id") AS "calls"
  FROM "Run" r
  JOIN "Workflow" w ON w."id" = r."workflowId"
  JOIN "Server" s ON s."id" = r."serverId"
  JOIN "WorkflowVersion" v ON v."id" = r."versionId"
  WHERE r."orgId" = ${orgId}::uuid AND r."id" = ${runId}::uuid`;

/** The catalog that a run saw; null where it saw none. */
export async function loadSeenCatalog(
  db: Db,
  { orgId, serverId, hash }: { orgId: string; serverId: string; hash: string | null },
): Promise<CatalogToolShape[] | null> {
  if (hash === null) return null;
  const snapshot = await db.catalogSnapshot.findFirst({ where: { orgId, serverId, hash }, select: { tools: true } });
  if (!snapshot || !Array.isArray(snapshot.tools)) return null;
  return snapshot.tools.flatMap((tool): CatalogToolShape[] => {
    const fields = toEntries(tool);
    const name = fields?.get('name');
    if (!fields || typeof name !== 'string') return [];
    return [
      {
        name,
        title: textOf(fields.get('title')),
        description: textOf(fields.get('description')),
        inputSchema: fields.get('inputSchema'),
        outputSchema: fields.get('outputSchema') ?? null,
        annotations: fields.get('annotations') ?? {},
      },
    ];
  });
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export const toToolShape = (row: CatalogToolModel): CatalogToolShape => ({
  name: row.name,
  title: row.title,
  description: row.description,
  inputSchema: row.inputSchema,
  outputSchema: row.outputSchema,
  annotations: row.annotations,
});
