import { gradeDefinition, resolveJudge } from '../../../agent/execution/grade.ts';
import type { WorkflowDefinition } from '../../../domain/workflow/definition.ts';
import type { Deps } from '../../context/context.ts';
import { sanitizeForPostgres, sanitizeText } from '../../context/sanitize.ts';
import { toJson } from '../../context/use-case.ts';
import { loadModels } from '../../model/load.ts';
import { loadRedactor } from '../../server/secret/redactor.ts';
import { loadTranscript } from './transcript.ts';

/**
 * Grades the criteria that have no result yet, from the stored trace. Of concurrent gradings the first result of a
 * criterion stays.
 * @returns how many were graded
 * @throws the signal's reason when it aborts: nothing is stored then
 */
export async function gradeCriteria(
  deps: Deps,
  run: {
    orgId: string;
    runId: string;
    startedAt: Date | null;
    definition: WorkflowDefinition;
    /** Ids of the criteria that have a result. */
    gradedIds: ReadonlySet<string>;
    signal: AbortSignal;
  },
): Promise<number> {
  const { orgId, runId, startedAt, definition, gradedIds, signal } = run;
  if (definition.criteria.every(({ id }) => gradedIds.has(id))) return 0;
  const { serverId, authProfileId } = definition;
  const [transcript, redactor] = await Promise.all([
    loadTranscript(deps, { orgId, runId }),
    loadRedactor(deps, { orgId, serverId, authProfileId }),
  ]);
  const results = await gradeDefinition({
    definition,
    transcript,
    startedAt,
    judge: resolveJudge(await loadModels(deps, orgId), definition.judgeModel),
    mask: redactor,
    gradedIds,
    signal,
  });
  const { count } = await deps.db.criterionResult.createMany({
    data: results.map(({ judge, ...result }) => ({
      ...result,
      orgId,
      runId,
      rationale: sanitizeText(result.rationale),
      ...(judge && { judge: toJson(sanitizeForPostgres(judge)) }),
    })),
    skipDuplicates: true,
  });
  return count;
}
