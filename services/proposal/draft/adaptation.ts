import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import { givenId } from '../../../domain/values/id.ts';
import { useCase } from '../../context/use-case.ts';
import { workflowNotFound } from '../../workflow/errors.ts';
import { findAdaptation, listHits, loadLatestRun } from '../../workflow/reading/adaptation.ts';
import { parseDefinition } from '../../workflow/reading/view.ts';
import { proposePatch } from '../propose.ts';
import type { Staged } from '../view.ts';

const maxRationale = 4000;

/**
 * Proposes the change that adapts a workflow to the breaking changes of its server's tools, before a run fails of them.
 * @throws ArmatureError `workflow_not_found`, `validation_failed` (nothing is known that would help), and as
 *   `proposePatch`
 */
export const draftAdaptation = useCase({
  name: 'proposal.draft_adaptation',
  access: 'viewer',
  input: z.object({ workflowId: givenId }),
  async run({ ctx, db, orgId }, { workflowId }): Promise<Staged> {
    const workflow = await db.workflow.findFirst({
      where: { orgId, id: workflowId },
      select: { activeVersionId: true },
    });
    if (!workflow) throw workflowNotFound();
    const version = await db.workflowVersion.findFirstOrThrow({ where: { orgId, id: workflow.activeVersionId } });
    const latest = await loadLatestRun(db, { orgId, workflowId });
    const hits = await listHits(db, { orgId, workflowId, definition: parseDefinition(version), latest });
    const adaptation = latest && hits.length > 0 ? await findAdaptation(db, orgId, latest) : null;
    if (!latest || !adaptation?.suggestedChange)
      throw new ArmatureError(
        'validation_failed',
        'No change of the workflow is known that would help.',
        'Edit the workflow, or repair the server.',
      );
    return proposePatch(ctx, {
      workflowId,
      baseVersionId: workflow.activeVersionId,
      changes: adaptation.suggestedChange,
      rationale: ['Tools that it uses changed:', ...hits.map(({ tool, summary }) => `${tool}: ${summary}`)]
        .join('\n')
        .slice(0, maxRationale),
      evidence: [latest.run.id],
    });
  },
});
