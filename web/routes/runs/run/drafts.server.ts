import { ArmatureError } from '../../../../domain/error/error.ts';
import type { Context } from '../../../../services/context/context.ts';
import { draftRegression } from '../../../../services/proposal/draft/regression.ts';
import { proposePatch } from '../../../../services/proposal/propose.ts';
import { diagnoseRun } from '../../../../services/run/diagnosis/diagnose.ts';
import { toPageText } from '../../../ui/page/page-text.ts';

const maxRationale = 4000;
const maxEvidence = 20;

/** Proposes the change that the diagnosis of a run suggests. @returns the proposal's id */
export async function draftFix(ctx: Context, runId: string): Promise<string> {
  const { suggestedChange, causes, workflow } = await diagnoseRun(ctx, { runId });
  if (suggestedChange === null)
    throw new ArmatureError(
      'validation_failed',
      'No change of the workflow is known that would help.',
      'Edit the workflow, or repair the server and run it again.',
    );
  const cited = causes.flatMap(({ evidence }) => evidence).filter((id) => /^(call|event)-\d+$/.test(id));
  const { proposalId } = await proposePatch(ctx, {
    workflowId: workflow.workflowId,
    baseVersionId: workflow.activeVersionId,
    changes: suggestedChange,
    rationale: causes
      .map(({ summary, remediation }) => toPageText(`${summary} ${remediation}`))
      .join('\n')
      .slice(0, maxRationale),
    evidence: [runId, ...new Set(cited)].slice(0, maxEvidence),
  });
  return proposalId;
}

/** @returns the id of the proposal of a workflow that tests for the run's failure */
export async function draftRegressionOf(ctx: Context, runId: string): Promise<string> {
  const { proposalId } = await draftRegression(ctx, {
    runId,
    rationale: 'This run did not pass. The workflow tests for the same failure.',
  });
  return proposalId;
}
