import { type RunMetadata, runMetadata } from '../../../domain/run/metadata.ts';
import {
  type CriterionResult,
  type RunErrorKind,
  type RunLimit,
  type RunStatus,
  runErrorKinds,
  runLimits,
  runStatuses,
  type Trigger,
  triggers,
} from '../../../domain/run/run.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import type { CriterionResultModel as ResultRow, RunModel as RunRow } from '../../../prisma/generated/models.ts';

/** A run as readers see it. Times are ISO 8601, cost is US dollars (null where a price is unknown). */
export type RunView = {
  id: string;
  workflowId: string;
  versionId: string;
  serverId: string;
  model: string;
  trigger: Trigger;
  status: RunStatus;
  flagged: boolean;
  error: { kind: RunErrorKind; message: string } | null;
  errorMessage: string | null;
  limitHit: RunLimit | null;
  scheduledAt: string | null;
  reason: string | null;
  attempt: number;
  baselineRunId: string | null;
  metadata: RunMetadata | null;
  actorKind: string;
  actorId: string;
  /** Who asked for the cancelation, if somebody did. */
  cancelRequestedBy: string | null;
  catalogHash: string | null;
  finalAnswer: string | null;
  turnCount: number;
  callCount: number;
  inputTokens: number;
  outputTokens: number;
  judgeTokens: number;
  cost: number | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** From the agent's start to the end, milliseconds; null while the run is on. */
  durationMs: number | null;
};

export function toRunView(row: RunRow): RunView {
  const kind = row.errorKind === null ? null : oneOf(runErrorKinds, row.errorKind);
  return {
    id: row.id,
    workflowId: row.workflowId,
    versionId: row.versionId,
    serverId: row.serverId,
    model: row.model,
    trigger: oneOf(triggers, row.trigger),
    status: toRunStatus(row),
    flagged: row.flagged,
    error: kind && { kind, message: row.errorMessage ?? '' },
    errorMessage: row.errorMessage,
    limitHit: row.limitHit === null ? null : oneOf(runLimits, row.limitHit),
    scheduledAt: iso(row.scheduledAt),
    reason: row.reason,
    attempt: row.attempt,
    baselineRunId: row.baselineRunId,
    metadata: row.metadata === null ? null : runMetadata.parse(row.metadata),
    actorKind: row.actorKind,
    actorId: row.actorId,
    cancelRequestedBy: row.cancelRequestedBy,
    catalogHash: row.catalogHash,
    finalAnswer: row.finalAnswer,
    turnCount: row.turnCount,
    callCount: row.callCount,
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens,
    judgeTokens: row.judgeTokens,
    cost: row.cost === null ? null : row.cost.toNumber(),
    createdAt: row.createdAt.toISOString(),
    startedAt: iso(row.startedAt),
    finishedAt: iso(row.finishedAt),
    durationMs: getDurationMs({ startedAt: iso(row.startedAt), finishedAt: iso(row.finishedAt) }),
  };
}

/** Milliseconds; null while the run is on. */
export function getDurationMs(run: { startedAt: string | null; finishedAt: string | null }): number | null {
  return run.startedAt === null || run.finishedAt === null
    ? null
    : Date.parse(run.finishedAt) - Date.parse(run.startedAt);
}

export function toCriterionResult(row: ResultRow): CriterionResult {
  return {
    criterionId: row.criterionId,
    position: row.position,
    text: row.text,
    isRequired: row.isRequired,
    verdict: oneOf(['pass', 'partial', 'fail', 'error'] as const, row.verdict),
    rationale: row.rationale,
    evidence: row.evidence,
    gradedBy: oneOf(['assertion', 'judge'] as const, row.gradedBy),
    // Only grade.ts of ../execution writes it, from this type.
    ...(row.judge !== null && { judge: row.judge as NonNullable<CriterionResult['judge']> }),
  };
}

export const toRunStatus = (row: { status: string }): RunStatus => oneOf(runStatuses, row.status);

export const iso = (time: Date | null): string | null => time?.toISOString() ?? null;
