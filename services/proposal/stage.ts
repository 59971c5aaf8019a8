import { ArmatureError, type FieldError, type Warning } from '../../domain/error/error.ts';
import type { WorkflowDefinition } from '../../domain/workflow/definition.ts';
import {
  applicableMs,
  definitionDiff,
  type Evidence,
  obstacles,
  type WorkflowChanges,
} from '../../domain/workflow/proposal.ts';
import { modelWarnings } from '../../domain/workflow/warnings.ts';
import { validationError } from '../context/errors.ts';
import { newId } from '../context/ids.ts';
import { toJson, type UseCaseContext } from '../context/use-case.ts';
import { serverArchived } from '../server/errors.ts';
import { checkReferences } from '../workflow/references.ts';
import { refreshCatalog } from './refresh-catalog.ts';
import type { Staged } from './view.ts';

type Draft = {
  /** The workflow and version to change. Null for a new workflow. */
  base: { workflowId: string; versionId: string; definition: WorkflowDefinition; changes: WorkflowChanges } | null;
  definition: WorkflowDefinition;
  rationale: string;
  evidence: Evidence[];
  sourceRunId?: string;
  /** Whether the proposer chose these models. A chosen model must be available; any other only warns. */
  chosen: { tester: boolean; judge: boolean };
  /** Input field that holds the definition's fields: `changes` or `definition`. Empty if the input has none. */
  prefix: string;
  /** Whether to sync the catalog first. */
  syncs: boolean;
};

/**
 * Validates a draft against models and catalog and stores it as an open proposal. Not a use case.
 * @throws ArmatureError `validation_failed`, `model_unavailable`, `mcp_server_not_found`, `mcp_server_archived`,
 *   `auth_profile_not_found`
 */
export async function stage(context: UseCaseContext, draft: Draft): Promise<Staged> {
  const { db, orgId, actor, ctx, models, now, write } = context;
  const { base, definition, rationale, evidence, prefix } = draft;
  const { serverId } = definition;
  requireModels(context, draft);
  const syncWarnings = draft.syncs ? await refreshCatalog(context, { serverId }) : [];
  const checked = await checkReferences(db, { orgId, definition, models });
  if (checked.serverArchived) throw serverArchived();
  requireNoErrors(
    obstacles(definition, checked).map(({ field, message }) => ({
      field: prefix ? `${prefix}.${field}` : field,
      message,
    })),
  );

  const diff = definitionDiff(base?.definition ?? null, definition);
  const warnings: Warning[] = [
    ...(diff.length === 0
      ? [
          {
            code: 'no_changes',
            message: 'The workflow already matches this proposal. Applying it creates no new version.',
          },
        ]
      : []),
    ...syncWarnings,
    ...checked.warnings,
  ];
  const createdAt = now();
  const proposalId = newId();
  const kind = base ? ('change' as const) : ('workflow' as const);
  const [workflowId, baseVersionId] = [base?.workflowId ?? null, base?.versionId ?? null];
  const expiresAt = new Date(createdAt.getTime() + applicableMs);
  await write(
    (tx) =>
      tx.proposal.create({
        data: {
          id: proposalId,
          orgId,
          kind,
          serverId,
          workflowId,
          baseVersionId,
          ...(base && { changes: toJson(base.changes) }),
          definition: toJson(definition),
          warnings: toJson(warnings),
          rationale,
          evidence: toJson(evidence),
          sourceRunId: draft.sourceRunId ?? null,
          intent: ctx.intent ?? null,
          proposedByKind: actor.kind,
          proposedById: actor.id,
          createdAt,
          expiresAt,
        },
      }),
    {
      subject: proposalId,
      data: {
        kind,
        serverId,
        ...(workflowId && { workflowId, baseVersionId }),
        fields: diff.map(({ field }) => field),
        warnings: warnings.map(({ code }) => code),
      },
    },
  );
  return {
    proposalId,
    kind,
    state: 'open',
    serverId,
    workflowId,
    baseVersionId,
    name: definition.name,
    diff,
    warnings,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}

/** @throws ArmatureError `validation_failed` if there are any errors */
export function requireNoErrors(
  fieldErrors: FieldError[],
  remediation = 'Correct these fields and propose it again.',
): void {
  if (fieldErrors.length > 0) throw validationError(fieldErrors, remediation);
}

function requireModels({ models }: UseCaseContext, { definition, chosen, prefix }: Draft): void {
  const unusable = modelWarnings(definition, models.list()).filter(({ field = '' }) =>
    field.startsWith('judgeModel') ? chosen.judge : chosen.tester,
  );
  const fieldErrors = unusable.map(({ field = '', message }) => ({
    field: prefix ? `${prefix}.${field}` : field,
    message,
  }));
  const [first] = fieldErrors;
  if (!first) return;
  if (unusable.every(({ code }) => code === 'model_unsuitable')) requireNoErrors(fieldErrors);
  throw new ArmatureError(
    'model_unavailable',
    `${first.field}: ${first.message}`,
    'Choose a model from armature://catalog/models whose key is set.',
    { fieldErrors },
  );
}
