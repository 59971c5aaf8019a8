import { z } from 'zod';
import { ArmatureError, type Warning } from '../../domain/error/error.ts';
import type { WorkflowDefinition } from '../../domain/workflow/definition.ts';
import { obstacles } from '../../domain/workflow/proposal.ts';
import type { Tx } from '../../infra/db/index.ts';
import type { ProposalModel } from '../../prisma/generated/models.ts';
import { toJson, type UseCaseContext, useCase } from '../context/use-case.ts';
import { serverArchived } from '../server/errors.ts';
import { baseVersionStale, workflowArchived } from '../workflow/errors.ts';
import { lockWorkflow } from '../workflow/lock.ts';
import { checkReferences } from '../workflow/references.ts';
import { insertVersion, insertWorkflow } from '../workflow/store.ts';
import { syncScheduleOrWarn } from '../workflow/sync-schedule.ts';
import { parseDefinition } from '../workflow/view.ts';
import { proposalNotFound } from './errors.ts';
import { lockProposal } from './lock.ts';
import { refuse } from './stage.ts';
import { applyResult, warningOutput } from './view.ts';

export const applyProposalOutput = applyResult.extend({
  proposalId: z.uuid(),
  changed: z
    .boolean()
    .describe('False when the proposal changed nothing, so that the version is the one it started from.'),
  appliedAt: z.iso.datetime(),
  warnings: z.array(warningOutput),
});
export type Applied = z.infer<typeof applyProposalOutput>;

/**
 * Makes a proposal real: the next version of its workflow, or a new workflow. Exactly once, however many ask at the same time; asking
 * again answers what was answered first, at any time.
 * @throws ArmatureError `proposal_not_found`, `proposal_expired`, `proposal_rejected`, `base_version_stale` (`currentVersionId`),
 *   `validation_failed` when the catalog changed so that it can't run any more, `workflow_archived`, `mcp_server_archived`
 */
export const applyProposal = useCase({
  name: 'proposal.apply',
  access: 'editor',
  input: z.object({ proposalId: z.uuid() }),
  async run(context, { proposalId }): Promise<Applied> {
    const { ctx, db, orgId, write } = context;
    const row = await db.proposal.findFirst({ where: { orgId, id: proposalId }, select: { result: true } });
    if (!row) throw proposalNotFound();
    if (row.result !== null) return applyProposalOutput.parse(row.result);

    const { result, isTimed, isFirst } = await write(
      (tx) => settle(context, tx, proposalId),
      ({ result, isFirst }) =>
        isFirst
          ? {
              subject: proposalId,
              data: { workflowId: result.workflowId, versionId: result.versionId, number: result.versionNumber },
            }
          : null,
    );
    const late = isFirst && isTimed ? await syncScheduleOrWarn(ctx.deps, { orgId, workflowId: result.workflowId }) : [];
    return { ...result, warnings: [...result.warnings, ...late] };
  },
});

type Settled = { result: Applied; isTimed: boolean; isFirst: boolean };

async function settle(context: UseCaseContext, tx: Tx, proposalId: string): Promise<Settled> {
  const { orgId, actor, now } = context;
  const row = await lockProposal(tx, { orgId, proposalId });
  if (row.state === 'applied') return { result: applyProposalOutput.parse(row.result), isTimed: false, isFirst: false };
  if (row.state === 'rejected')
    throw new ArmatureError(
      'proposal_rejected',
      'This proposal was rejected.',
      'Read why in the proposal, and propose a change that takes it into account.',
    );
  const at = now();
  if (row.expiresAt <= at)
    throw new ArmatureError(
      'proposal_expired',
      'This proposal is older than 24 hours and can not be applied any more.',
      'Propose the change again.',
      { expiresAt: row.expiresAt.toISOString() },
    );
  const made = row.kind === 'change' ? await change(context, tx, row) : await make(context, tx, row);
  const { workflowId, versionId, isTimed, ...rest } = made;
  // Read by the schema as the stored one will be, so that both answers are the same to the letter.
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

type Made = Omit<Applied, 'proposalId' | 'appliedAt'> & { isTimed: boolean };

async function change({ orgId, actor, models }: UseCaseContext, tx: Tx, proposal: ProposalModel): Promise<Made> {
  const workflowId = proposal.workflowId ?? '';
  const row = await lockWorkflow(tx, { orgId, workflowId });
  if (row.state === 'archived') throw workflowArchived();
  if (row.activeVersionId !== proposal.baseVersionId) throw baseVersionStale(row.activeVersionId, row.versionNumber);
  const base = await tx.workflowVersion.findFirstOrThrow({ where: { orgId, id: row.activeVersionId } });
  const definition = parseDefinition(proposal);
  const warnings = await validated(tx, { orgId, definition, models });
  const made = await insertVersion(tx, { row, actor, before: parseDefinition(base), definition });
  const version = made?.version ?? base;
  return {
    workflowId,
    versionId: version.id,
    versionNumber: version.number,
    changed: made !== null,
    warnings,
    isTimed: made?.isTimed ?? false,
  };
}

async function make({ orgId, actor, models }: UseCaseContext, tx: Tx, proposal: ProposalModel): Promise<Made> {
  const definition = parseDefinition(proposal);
  const warnings = await validated(tx, { orgId, definition, models });
  const { workflow, version } = await insertWorkflow(tx, { orgId, actor, definition });
  return {
    workflowId: workflow.id,
    versionId: version.id,
    versionNumber: version.number,
    changed: true,
    warnings,
    isTimed: true,
  };
}

async function validated(
  tx: Tx,
  of: { orgId: string; definition: WorkflowDefinition; models: UseCaseContext['models'] },
): Promise<Warning[]> {
  const checked = await checkReferences(tx, of);
  if (checked.serverArchived) throw serverArchived();
  refuse(
    obstacles(of.definition, checked),
    'The tool catalog changed since this was proposed: read it, and propose a change that fits it.',
  );
  return checked.warnings;
}
