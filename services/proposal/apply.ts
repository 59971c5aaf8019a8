import { z } from 'zod';
import { ArmatureError, type Warning } from '../../domain/error/error.ts';
import { givenId } from '../../domain/values/id.ts';
import type { WorkflowDefinition } from '../../domain/workflow/definition.ts';
import type { Tx } from '../../infra/db/index.ts';
import type { ProposalModel } from '../../prisma/generated/models.ts';
import { toJson, type UseCaseContext, useCase } from '../context/use-case.ts';
import { loadModels } from '../model/load.ts';
import { serverArchived } from '../server/errors.ts';
import { baseVersionStale, workflowArchived } from '../workflow/errors.ts';
import { nameWarnings } from '../workflow/name-warnings.ts';
import { parseDefinition } from '../workflow/reading/view.ts';
import { checkReferences } from '../workflow/references.ts';
import { insertVersion, insertWorkflow, lockWorkflow } from '../workflow/store.ts';
import { syncScheduleOrWarn } from '../workflow/sync-schedule.ts';
import { proposalExpired, proposalNotFound } from './errors.ts';
import { lockProposal } from './lock.ts';
import { requireNoObstacles } from './stage.ts';
import { applyResult, warningOutput } from './view.ts';

export const applyProposalOutput = applyResult.extend({
  proposalId: z.uuid(),
  changed: z.boolean().describe('False if the proposal changed nothing; the version is then the one it is based on.'),
  appliedAt: z.iso.datetime(),
  warnings: z.array(warningOutput),
});
export type Applied = z.infer<typeof applyProposalOutput>;

/**
 * Applies a proposal: creates the next version of its workflow, or a new workflow. Happens exactly once, even if
 * several callers apply it concurrently; later calls return the first result.
 * @throws ArmatureError `proposal_not_found`, `proposal_expired`, `proposal_rejected`, `base_version_stale`
 *   (`currentVersionId`), `validation_failed` (the catalog changed so that it can't run), `workflow_archived`,
 *   `mcp_server_archived`, `approval_required`
 */
export const applyProposal = useCase({
  name: 'proposal.apply',
  access: 'editor',
  input: z.object({ proposalId: givenId }),
  async run(context, { proposalId }): Promise<Applied> {
    const { ctx, db, orgId, write } = context;
    const row = await db.proposal.findFirst({ where: { orgId, id: proposalId }, select: { result: true } });
    if (!row) throw proposalNotFound();
    if (row.result !== null) return applyProposalOutput.parse(row.result);

    const own = { ...context, orgId, models: await loadModels(ctx.deps, orgId) };
    const { result, isTimed, isFirst } = await write(
      (tx) => applyIn(tx, own, proposalId),
      ({ result, isFirst }) =>
        isFirst
          ? {
              subject: proposalId,
              data: { workflowId: result.workflowId, versionId: result.versionId, number: result.versionNumber },
            }
          : null,
    );
    const scheduleWarnings =
      isFirst && isTimed ? await syncScheduleOrWarn(ctx.deps, { orgId, workflowId: result.workflowId }) : [];
    return { ...result, warnings: [...result.warnings, ...scheduleWarnings] };
  },
});

type Outcome = { result: Applied; isTimed: boolean; isFirst: boolean };

async function applyIn(tx: Tx, context: UseCaseContext, proposalId: string): Promise<Outcome> {
  const { orgId, actor, now } = context;
  const row = await lockProposal(tx, { orgId, proposalId });
  if (row.state === 'applied') return { result: applyProposalOutput.parse(row.result), isTimed: false, isFirst: false };
  if (row.state === 'rejected')
    throw new ArmatureError(
      'proposal_rejected',
      'This proposal was rejected.',
      'Read the reason in the proposal, then propose a change that takes it into account.',
    );
  const at = now();
  if (row.expiresAt <= at) throw proposalExpired(row.expiresAt);
  if (row.proposedByKind === 'api_key' && actor.kind !== 'member') await requireNoApproval(tx, orgId, proposalId);
  const { workflowId, versionId, isTimed, ...rest } =
    row.kind === 'change' ? await changeWorkflow(tx, context, row) : await addWorkflow(tx, context, row);
  // Parsed like the stored result, so that later calls return exactly the same.
  const result = applyProposalOutput.parse({ proposalId, workflowId, versionId, ...rest, appliedAt: at.toISOString() });
  await tx.proposal.updateMany({
    where: { orgId, id: proposalId },
    data: {
      state: 'applied',
      workflowId,
      resultVersionId: versionId,
      result: toJson(result),
      decidedAt: at,
      decidedByKind: actor.kind,
      decidedById: actor.id,
    },
  });
  return { result, isTimed, isFirst: true };
}

/** @throws ArmatureError `approval_required` where people alone apply what API keys propose. */
async function requireNoApproval(tx: Tx, orgId: string, proposalId: string): Promise<void> {
  const { requirePersonToApply } = await tx.organization.findUniqueOrThrow({
    where: { id: orgId },
    select: { requirePersonToApply: true },
  });
  if (requirePersonToApply)
    throw new ArmatureError(
      'approval_required',
      'In this workspace, what an API key proposed is applied by a signed-in person.',
      'Ask somebody who may edit workflows to apply the proposal on its page.',
      { proposalId },
    );
}

type Created = Omit<Applied, 'proposalId' | 'appliedAt'> & { isTimed: boolean };

async function changeWorkflow(
  tx: Tx,
  { orgId, actor, models }: UseCaseContext,
  proposal: ProposalModel,
): Promise<Created> {
  const workflowId = proposal.workflowId ?? '';
  const row = await lockWorkflow(tx, { orgId, workflowId });
  if (row.state === 'archived') throw workflowArchived();
  if (row.activeVersionId !== proposal.baseVersionId) throw baseVersionStale(row.activeVersionId, row.versionNumber);
  const base = await tx.workflowVersion.findFirstOrThrow({ where: { orgId, id: row.activeVersionId } });
  const definition = parseDefinition(proposal);
  const warnings = await validateReferences(tx, { orgId, definition, models });
  const inserted = await insertVersion(tx, { row, actor, before: parseDefinition(base), definition });
  const version = inserted?.version ?? base;
  return {
    workflowId,
    versionId: version.id,
    versionNumber: version.number,
    changed: inserted !== null,
    warnings,
    isTimed: inserted?.isTimed ?? false,
  };
}

async function addWorkflow(
  tx: Tx,
  { orgId, actor, models }: UseCaseContext,
  proposal: ProposalModel,
): Promise<Created> {
  const definition = parseDefinition(proposal);
  const warnings = await validateReferences(tx, { orgId, definition, models });
  const sameName = await nameWarnings(tx, { orgId, name: definition.name });
  const { workflow, version } = await insertWorkflow(tx, { orgId, actor, definition });
  return {
    workflowId: workflow.id,
    versionId: version.id,
    versionNumber: version.number,
    changed: true,
    warnings: [...sameName, ...warnings],
    isTimed: true,
  };
}

async function validateReferences(
  tx: Tx,
  draft: { orgId: string; definition: WorkflowDefinition; models: UseCaseContext['models'] },
): Promise<Warning[]> {
  const checked = await checkReferences(tx, draft);
  if (checked.serverArchived) throw serverArchived();
  requireNoObstacles(draft.definition, checked, {
    remediation: 'The tool catalog changed since this was proposed. Read it and propose a change that fits it.',
  });
  return checked.warnings;
}
