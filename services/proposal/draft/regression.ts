import { z } from 'zod';
import { isTerminal } from '../../../domain/run/run.ts';
import { givenId } from '../../../domain/values/id.ts';
import { workflowDefinition } from '../../../domain/workflow/definition.ts';
import type { Evidence } from '../../../domain/workflow/proposal.ts';
import { findRegression } from '../../../domain/workflow/regression.ts';
import type { Db } from '../../../infra/db/index.ts';
import { findRunPositions } from '../../../infra/db/queries/run-search.ts';
import { loadSnapshot } from '../../catalog/snapshot.ts';
import { toValidationError, validationError } from '../../context/errors.ts';
import { newId } from '../../context/ids.ts';
import { useCase } from '../../context/use-case.ts';
import { loadModels } from '../../model/load.ts';
import { runNotFound, runNotTerminal } from '../../run/errors.ts';
import { toToolCall } from '../../run/execution/transcript.ts';
import { toCriterionResult, toRunStatus } from '../../run/reading/view.ts';
import { parseDefinition } from '../../workflow/reading/view.ts';
import { checkReferences } from '../../workflow/references.ts';
import { rationaleInput } from '../propose.ts';
import { stage } from '../stage.ts';
import { type Staged, stagedOutput } from '../view.ts';

export const draftRegressionOutput = stagedOutput;

/**
 * Stages a new workflow without a schedule that tests for the failure of a run (domain/workflow/regression.ts).
 * @throws ArmatureError `run_not_found`, `run_not_terminal`, `validation_failed` (it passed, or did nothing), and what
 * `stage` throws
 */
export const draftRegression = useCase({
  name: 'proposal.draft_regression',
  access: 'viewer',
  input: z.object({
    runId: givenId.describe('A run that has ended and did not pass.'),
    name: workflowDefinition.shape.name.optional().describe('Name of the new workflow.'),
    rationale: rationaleInput,
  }),
  async run(context, { runId, name, rationale }): Promise<Staged> {
    const { ctx, db, orgId } = context;
    const models = await loadModels(ctx.deps, orgId);
    const run = await db.run.findFirst({
      where: { orgId, id: runId },
      include: {
        version: { select: { definition: true } },
        results: { orderBy: { position: 'asc' } },
        calls: { orderBy: { index: 'asc' } },
      },
    });
    if (!run) throw runNotFound();
    const status = toRunStatus(run);
    if (!isTerminal(status)) throw runNotTerminal(runId, status);
    if (status === 'pass')
      throw validationError(
        [{ field: 'runId', message: 'This run passed, so there is no failure to test for.' }],
        'Use a run that failed.',
      );
    if (run.turnCount === 0 && run.calls.length === 0)
      throw validationError(
        [
          {
            field: 'runId',
            message:
              'This run ended before the agent did anything, so there is no behavior to test for: the server could not be reached or refused access, or the run could not be carried out.',
          },
        ],
        'Use diagnose_run to find out why it ended, and a run in which the agent made calls.',
      );
    const before = parseDefinition(run.version);
    // The workflow may have moved to another server since; the failure belongs to this one.
    const base = { ...before, serverId: run.serverId };
    const { toolNames } = await checkReferences(db, { orgId, definition: base, models });
    const results = run.results.map(toCriterionResult);
    const seen = await loadSnapshot(db, { orgId, serverId: run.serverId, hash: run.catalogHash });
    const drafted = findRegression(
      {
        runId,
        model: run.model,
        definition: base,
        results,
        calls: run.calls.map((row) => toToolCall(row)),
        passingTools: await listPassingTools(db, orgId, run),
        seenTools: seen && new Set(seen.map((tool) => tool.name)),
        toolNames,
      },
      { name, newId },
    );
    const parsed = workflowDefinition.safeParse(drafted.definition);
    if (!parsed.success) throw toValidationError(parsed.error);
    const texts = new Map(results.map(({ criterionId, text }) => [criterionId, text]));
    const evidence: Evidence[] = [
      { kind: 'run', runId },
      ...drafted.failed.map((criterionId) => ({
        kind: 'criterion' as const,
        criterionId,
        text: texts.get(criterionId) ?? '',
      })),
      ...drafted.contributing.map((id) => ({
        kind: id.startsWith('call-') ? ('call' as const) : ('event' as const),
        runId,
        id,
      })),
    ];
    return stage(context, {
      base: null,
      definition: parsed.data,
      rationale,
      evidence,
      sourceRunId: runId,
      // Keeps the models of the failed run; one that is no longer available only warns.
      chosen: { tester: false, judge: false },
      prefix: '',
      syncs: false,
    });
  },
});

/** The tools that the workflow's last passing run before this one called. */
async function listPassingTools(
  db: Db,
  orgId: string,
  run: { workflowId: string; createdAt: Date },
): Promise<string[]> {
  const [passing] = await findRunPositions(db, {
    orgId,
    workflowId: run.workflowId,
    statuses: ['pass'],
    createdBefore: run.createdAt,
    limit: 1,
  });
  if (!passing) return [];
  const called = await db.toolCall.findMany({
    where: { orgId, runId: passing.id, outcome: { notIn: ['blocked', 'not_offered'] } },
    select: { tool: true },
    distinct: ['tool'],
  });
  return called.map(({ tool }) => tool);
}
