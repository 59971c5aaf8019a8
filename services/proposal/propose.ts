import { z } from 'zod';
import { hasNoOwnKey, ownKeyProblem } from '../../domain/secret/own-key.ts';
import { givenId } from '../../domain/values/id.ts';
import { applyChanges, type WorkflowChanges, workflowChanges } from '../../domain/workflow/proposal.ts';
import { newId } from '../context/ids.ts';
import { type UseCaseContext, useCase } from '../context/use-case.ts';
import { loadModelDefaults } from '../organization/settings.ts';
import { completeDefinition, definitionInput } from '../workflow/definition.ts';
import { baseVersionStale, versionNotFound, workflowArchived, workflowNotFound } from '../workflow/errors.ts';
import { parseDefinition } from '../workflow/reading/view.ts';
import { evidenceInput, resolveEvidence } from './evidence.ts';
import { requireNoErrors, stage } from './stage.ts';
import { type Staged, stagedOutput } from './view.ts';

export const proposePatchOutput = stagedOutput;

/** A new workflow's definition. Its server is the proposal's `serverId`. */
export const newDefinition = z.strictObject({ ...definitionInput.shape, serverId: givenId.optional() });

export const rationaleInput = z
  .string()
  .trim()
  .min(1, 'Rationale is empty. Explain why you propose this.')
  .max(4000)
  .refine(hasNoOwnKey, ownKeyProblem)
  .describe('Why you propose this. Shown to the person who decides.');

const input = z.object({
  workflowId: givenId.optional().describe('The workflow to change. Needs baseVersionId and changes.'),
  baseVersionId: givenId.optional().describe('The active version, which the changes are based on.'),
  changes: workflowChanges.optional(),
  serverId: givenId.optional().describe('The server of a new workflow. Needs definition.'),
  definition: newDefinition.optional(),
  rationale: rationaleInput,
  evidence: evidenceInput,
});

/**
 * Stages a change of a workflow, or a new workflow if `serverId` and `definition` are given. Nothing changes until it
 * is applied, which is possible for 24 hours.
 * @throws ArmatureError `validation_failed`, `model_unavailable`, `workflow_not_found`, `workflow_archived`,
 *   `version_not_found`, `base_version_stale` (`currentVersionId`), `mcp_server_not_found`, `mcp_server_archived`,
 *   `auth_profile_not_found`
 */
export const proposePatch = useCase({
  name: 'proposal.propose',
  access: 'viewer',
  input,
  async run(context, proposal): Promise<Staged> {
    const { workflowId, baseVersionId, changes, serverId, definition } = proposal;
    if (workflowId === undefined && serverId === undefined)
      requireNoErrors([
        { field: 'workflowId', message: 'Required: workflowId to change a workflow, or serverId to create one.' },
      ]);
    if (workflowId === undefined) return proposeNew(context, proposal);
    requireNoErrors(
      [
        ...(baseVersionId === undefined ? [{ field: 'baseVersionId', message: 'Required to change a workflow.' }] : []),
        ...(changes === undefined ? [{ field: 'changes', message: 'Required to change a workflow.' }] : []),
        ...(serverId === undefined
          ? []
          : [{ field: 'serverId', message: 'Not allowed with workflowId: a change keeps the server.' }]),
        ...(definition === undefined
          ? []
          : [{ field: 'definition', message: 'Not allowed with workflowId. Use changes instead.' }]),
      ],
      'To change a workflow, give workflowId, baseVersionId and changes. To create one, give serverId and definition.',
    );
    return proposeChange(context, {
      ...proposal,
      workflowId,
      baseVersionId: baseVersionId ?? '',
      changes: changes ?? {},
    });
  },
});

type ProposalInput = z.output<typeof input>;

async function proposeChange(
  context: UseCaseContext,
  {
    workflowId,
    baseVersionId,
    changes,
    rationale,
    evidence,
  }: ProposalInput & { workflowId: string; baseVersionId: string; changes: WorkflowChanges },
): Promise<Staged> {
  const { db, orgId } = context;
  const row = await db.workflow.findFirst({ where: { orgId, id: workflowId } });
  if (!row) throw workflowNotFound();
  if (row.state === 'archived') throw workflowArchived();
  const version = await db.workflowVersion.findFirst({ where: { orgId, workflowId, id: baseVersionId } });
  if (!version) throw versionNotFound();
  if (row.activeVersionId !== version.id) throw baseVersionStale(row.activeVersionId, row.versionNumber);
  const before = parseDefinition(version);
  const applied = applyChanges(before, changes, newId);
  if (!applied.ok) {
    requireNoErrors(applied.fieldErrors);
    throw new Error('Changes were refused without an error.');
  }
  return stage(context, {
    base: { workflowId, versionId: version.id, definition: before, changes },
    definition: applied.definition,
    rationale,
    evidence: await resolveEvidence(db, { orgId, ids: evidence, criteria: before.criteria }),
    chosen: { tester: changes.testerModels !== undefined, judge: changes.judgeModel !== undefined },
    prefix: 'changes',
    syncs: true,
  });
}

async function proposeNew(
  context: UseCaseContext,
  { serverId = '', definition, baseVersionId, changes, rationale, evidence }: ProposalInput,
): Promise<Staged> {
  const { db, orgId } = context;
  requireNoErrors(
    [
      ...(definition === undefined ? [{ field: 'definition', message: 'Required to create a workflow.' }] : []),
      ...(definition?.serverId === undefined || definition.serverId === serverId
        ? []
        : [{ field: 'definition.serverId', message: 'Differs from serverId. Leave it out.' }]),
      ...(baseVersionId === undefined
        ? []
        : [{ field: 'baseVersionId', message: 'Not allowed without workflowId: a new workflow has no base version.' }]),
      ...(changes === undefined
        ? []
        : [{ field: 'changes', message: 'Not allowed without workflowId. Use definition instead.' }]),
    ],
    'To change a workflow, give workflowId, baseVersionId and changes. To create one, give serverId and definition.',
  );
  if (!definition) throw new Error('The missing definition was not refused.');
  const complete = completeDefinition({ ...definition, serverId }, await loadModelDefaults(db, orgId));
  return stage(context, {
    base: null,
    definition: complete,
    rationale,
    evidence: await resolveEvidence(db, { orgId, ids: evidence, criteria: complete.criteria }),
    chosen: { tester: true, judge: true },
    prefix: 'definition',
    syncs: true,
  });
}
