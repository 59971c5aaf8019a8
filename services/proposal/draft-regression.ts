import { z } from 'zod';
import { isTerminal } from '../../domain/run/run.ts';
import { workflowDefinition } from '../../domain/workflow/definition.ts';
import type { Evidence } from '../../domain/workflow/proposal.ts';
import { findRegression } from '../../domain/workflow/regression.ts';
import { toValidationError, validationError } from '../context/errors.ts';
import { newId } from '../context/ids.ts';
import { useCase } from '../context/use-case.ts';
import { runNotFound, runNotTerminal } from '../run/errors.ts';
import { toToolCall } from '../run/execution/transcript.ts';
import { toCriterionResult, toRunStatus } from '../run/reading/view.ts';
import { parseDefinition } from '../workflow/reading/view.ts';
import { checkReferences } from '../workflow/references.ts';
import { rationaleInput } from './propose.ts';
import { stage } from './stage.ts';
import { type Staged, stagedOutput } from './view.ts';

export const draftRegressionOutput = stagedOutput;

/**
 * Stages a new workflow without a schedule that tests for the failure of a run (domain/workflow/regression.ts).
 * @throws ArmatureError `run_not_found`, `run_not_terminal`, `validation_failed` (it passed), and what `stage` throws
 */
export const draftRegression = useCase({
  name: 'proposal.draft_regression',
  access: 'viewer',
  input: z.object({
    runId: z.uuid().describe('A run that has ended and did not pass.'),
    name: workflowDefinition.shape.name.optional().describe('Name of the new workflow.'),
    rationale: rationaleInput,
  }),
  async run(context, { runId, name, rationale }): Promise<Staged> {
    const { db, orgId, models } = context;
    const run = await db.run.findFirst({
      where: { orgId, id: runId },
      include: {
        version: { select: { definition: true } },
        results: { orderBy: { position: 'asc' } },
        calls: { orderBy: { index: 'asc' } },
      },
    });
    if (!run) throw runNotFound(runId);
    const status = toRunStatus(run);
    if (!isTerminal(status)) throw runNotTerminal(runId, status);
    if (status === 'pass')
      throw validationError(
        [{ field: 'runId', message: 'This run passed, so there is no failure to test for.' }],
        'Use a run that failed.',
      );
    const before = parseDefinition(run.version);
    // The workflow may have moved to another server since; the failure belongs to this one.
    const base = { ...before, serverId: run.serverId };
    const { toolNames } = await checkReferences(db, { orgId, definition: base, models });
    const results = run.results.map(toCriterionResult);
    const drafted = findRegression(
      { runId, model: run.model, definition: base, results, calls: run.calls.map((row) => toToolCall(row)), toolNames },
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
