import { z } from 'zod';
import { applyChanges, type WorkflowChanges, workflowChanges } from '../../domain/workflow/proposal.ts';
import { newId } from '../context/ids.ts';
import { type UseCaseContext, useCase } from '../context/use-case.ts';
import { definitionInput, withIds } from '../workflow/definition.ts';
import { baseVersionStale, versionNotFound, workflowArchived, workflowNotFound } from '../workflow/errors.ts';
import { parseDefinition } from '../workflow/view.ts';
import { evidenceInput, resolveEvidence } from './evidence.ts';
import { refuse, stage } from './stage.ts';
import { type Staged, stagedOutput } from './view.ts';

export const proposePatchOutput = stagedOutput;

/** A new workflow's definition; its server is the one that the proposal names. */
const newDefinition = z.strictObject({ ...definitionInput.shape, serverId: z.uuid().optional() });

export const rationaleInput = z
  .string()
  .trim()
  .min(1, 'Say why.')
  .max(4000)
  .describe('Why, in your own words: it is shown to whoever decides.');

const input = z.object({
  workflowId: z.uuid().optional().describe('The workflow to change, with baseVersionId and changes.'),
  baseVersionId: z.uuid().optional().describe('The active version, which the changes start from.'),
  changes: workflowChanges.optional(),
  serverId: z.uuid().optional().describe('For a new workflow, with definition.'),
  definition: newDefinition.optional(),
  rationale: rationaleInput,
  evidence: evidenceInput,
});

/**
 * Stages a change of a workflow, or with `serverId` and `definition` a new workflow, to be applied within 24 hours. Nothing changes
 * until then.
 * @throws ArmatureError `validation_failed`, `model_unavailable`, `workflow_not_found`, `workflow_archived`, `version_not_found`,
 *   `base_version_stale` (`currentVersionId`), `mcp_server_not_found`, `mcp_server_archived`, `auth_profile_not_found`
 */
export const proposePatch = useCase({
  name: 'proposal.propose',
  access: 'viewer',
  input,
  async run(context, given): Promise<Staged> {
    const { workflowId, baseVersionId, changes, serverId, definition } = given;
    if (workflowId === undefined && serverId === undefined)
      refuse([{ field: 'workflowId', message: 'Name a workflow to change, or a server for a new one.' }]);
    if (workflowId === undefined) return proposeNew(context, given);
    refuse(
      [
        ...(baseVersionId === undefined ? [{ field: 'baseVersionId', message: 'A change needs the version.' }] : []),
        ...(changes === undefined ? [{ field: 'changes', message: 'A change needs the changes.' }] : []),
        ...(serverId === undefined ? [] : [{ field: 'serverId', message: 'A change stays on its server.' }]),
        ...(definition === undefined
          ? []
          : [{ field: 'definition', message: 'A definition is for a new workflow: give changes.' }]),
      ],
      'For a change give workflowId, baseVersionId and changes; for a new workflow serverId and definition.',
    );
    return proposeChange(context, {
      ...given,
      workflowId,
      baseVersionId: baseVersionId ?? '',
      changes: changes ?? {},
    });
  },
});

type Given = z.output<typeof input>;

async function proposeChange(
  context: UseCaseContext,
  {
    workflowId,
    baseVersionId,
    changes,
    rationale,
    evidence,
  }: Given & { workflowId: string; baseVersionId: string; changes: WorkflowChanges },
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
    refuse(applied.fieldErrors);
    throw new Error('changes were refused for no reason');
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
  { serverId = '', definition, baseVersionId, changes, rationale, evidence }: Given,
): Promise<Staged> {
  const { db, orgId } = context;
  refuse(
    [
      ...(definition === undefined ? [{ field: 'definition', message: 'A new workflow needs its definition.' }] : []),
      ...(definition?.serverId === undefined || definition.serverId === serverId
        ? []
        : [{ field: 'definition.serverId', message: 'It differs from serverId: leave it out.' }]),
      ...(baseVersionId === undefined
        ? []
        : [{ field: 'baseVersionId', message: 'A new workflow has no version to start from.' }]),
      ...(changes === undefined ? [] : [{ field: 'changes', message: 'Changes are for a workflow: name it.' }]),
    ],
    'For a change give workflowId, baseVersionId and changes; for a new workflow serverId and definition.',
  );
  if (!definition) throw new Error('a missing definition was not refused');
  const whole = withIds({ ...definition, serverId });
  return stage(context, {
    base: null,
    definition: whole,
    rationale,
    evidence: await resolveEvidence(db, { orgId, ids: evidence, criteria: whole.criteria }),
    chosen: { tester: true, judge: true },
    prefix: 'definition',
    syncs: true,
  });
}
