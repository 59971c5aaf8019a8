import { ArmatureError, type FieldError, untrustedNote, type Warning } from '../../domain/error/error.ts';
import { sameJson } from '../../domain/json/json.ts';
import type { WorkflowDefinition } from '../../domain/workflow/definition.ts';
import {
  applicableMs,
  definitionDiff,
  type Evidence,
  obstacles,
  type WorkflowChanges,
} from '../../domain/workflow/proposal.ts';
import { modelWarnings } from '../../domain/workflow/warnings.ts';
import type { Models } from '../../infra/models/index.ts';
import { validationError } from '../context/errors.ts';
import { newId } from '../context/ids.ts';
import { toJson, type UseCaseContext } from '../context/use-case.ts';
import { loadModels } from '../model/load.ts';
import { serverArchived } from '../server/errors.ts';
import { nameWarnings } from '../workflow/name-warnings.ts';
import { parseDefinition } from '../workflow/reading/view.ts';
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
  const { db, orgId, actor, ctx, now, write } = context;
  const models = await loadModels(ctx.deps, orgId);
  const { base, definition, rationale, evidence, prefix } = draft;
  const { serverId } = definition;
  requireModels(models, draft);
  const syncWarnings = draft.syncs ? await refreshCatalog(context, { serverId }) : [];
  const checked = await checkReferences(db, { orgId, definition, models });
  if (checked.serverArchived) throw serverArchived();
  requireNoObstacles(definition, checked, { prefix });

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
    ...(base ? [] : await nameWarnings(db, { orgId, name: definition.name })),
    ...checked.warnings,
    ...(await equalProposals(context, draft)),
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

/** A warning if an open proposal would change the same in the same way. */
async function equalProposals({ db, orgId, now }: UseCaseContext, { base, definition }: Draft): Promise<Warning[]> {
  const open = await db.proposal.findMany({
    where: {
      orgId,
      state: 'open',
      expiresAt: { gt: now() },
      serverId: definition.serverId,
      workflowId: base?.workflowId ?? null,
      baseVersionId: base?.versionId ?? null,
      definition: { path: ['name'], equals: definition.name },
    },
    select: { id: true, definition: true },
    orderBy: { createdAt: 'desc' },
    take: maxCompared,
  });
  const equal = open.find((row) => isSame(parseDefinition(row), definition));
  if (!equal) return [];
  return [
    {
      code: 'equal_proposal_open',
      message: `The open proposal ${equal.id} would do the same. Apply or reject that one rather than piling up equal ones.`,
    },
  ];
}

const maxCompared = 20;

/** New criteria get an id of their own in each proposal. */
const isSame = (one: WorkflowDefinition, other: WorkflowDefinition): boolean => {
  const [first, second] = [one, other].map(({ criteria, ...rest }) => ({
    ...rest,
    criteria: criteria.map(({ text, isRequired }) => ({ text, isRequired })),
  }));
  return sameJson(first, second);
};

const howToRepropose = 'Correct these fields and propose it again.';

/** @throws ArmatureError `validation_failed` if there are any errors */
export function requireNoErrors(fieldErrors: FieldError[], remediation = howToRepropose): void {
  if (fieldErrors.length > 0) throw validationError(fieldErrors, remediation);
}

/**
 * Names of tools are not in the message: whoever proposed a definition, or the server, may have made them up.
 * @throws ArmatureError `validation_failed` if the definition can't run at all
 */
export function requireNoObstacles(
  definition: WorkflowDefinition,
  checked: { toolNames: ReadonlySet<string> | null },
  { prefix = '', remediation }: { prefix?: string; remediation?: string },
): void {
  const found = obstacles(definition, checked);
  if (found.length === 0) return;
  const fieldErrors = found.map(({ field, message }) => ({ field: prefix ? `${prefix}.${field}` : field, message }));
  const texts = found.flatMap(({ tools }) => tools.map((text) => ({ from: 'definition', text })));
  throw validationError(fieldErrors, remediation ?? howToRepropose, { untrusted: { note: untrustedNote, texts } });
}

function requireModels(models: Models, { definition, chosen, prefix }: Draft): void {
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
    'Choose a model whose provider has a key.',
    { fieldErrors },
  );
}
