import { z } from 'zod';
import { evidence, fieldDiff, proposalStates, stateAt } from '../../domain/workflow/proposal.ts';
import type { Db, Tx } from '../../infra/db/index.ts';
import type { ProposalModel } from '../../prisma/generated/models.ts';
import { loadActorNames } from '../context/actor-names.ts';

export const warningOutput = z.object({
  code: z.string(),
  message: z.string(),
  field: z.string().optional(),
});

const actorOutput = z.object({
  kind: z.string().describe('member, api_key, slack or system'),
  id: z.string(),
  name: z.string().nullable().describe('Name of the person or API key. Null if it no longer exists.'),
});

export const applyResult = z.object({
  workflowId: z.uuid(),
  versionId: z.uuid(),
  versionNumber: z.int(),
});

/** A proposal in a list. Times are ISO 8601. */
export const proposalOutput = z.object({
  proposalId: z.uuid(),
  kind: z
    .enum(['change', 'workflow'])
    .describe('change: changes a workflow. workflow: creates one when it is applied.'),
  state: z.enum(proposalStates),
  stale: z.boolean().describe('Open, but its base version is no longer active, so it cannot be applied.'),
  currentVersionId: z.uuid().nullable().describe('The active version of its workflow.'),
  serverId: z.uuid(),
  serverName: z.string(),
  workflowId: z.uuid().nullable(),
  name: z.string().describe('Name of the workflow after applying it.'),
  baseVersionId: z.uuid().nullable(),
  baseVersionNumber: z.int().nullable(),
  changedFields: z.array(z.string()).describe('Fields that it changes. Empty for a new workflow.'),
  rationale: z.string(),
  intent: z.string().nullable(),
  evidence: z.array(evidence),
  sourceRunId: z.uuid().nullable().describe('The run that this regression workflow was drafted from.'),
  warnings: z.array(warningOutput).describe('Warnings at the time of the proposal.'),
  proposedBy: actorOutput,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  decidedAt: z.iso.datetime().nullable(),
  decidedBy: actorOutput.nullable(),
  decisionReason: z.string().nullable(),
  result: applyResult.nullable().describe('What applying it created.'),
});
export type ProposalView = z.infer<typeof proposalOutput>;

/** A proposal with its diff as an agent's client checks it; `getProposalOutput` describes all of it. */
export const proposalAnswer = proposalOutput
  .pick({
    proposalId: true,
    kind: true,
    state: true,
    stale: true,
    currentVersionId: true,
    serverId: true,
    workflowId: true,
  })
  .extend({
    rationale: z.string(),
    warnings: z.array(warningOutput),
    changes: z.looseObject({}).nullable().describe('As proposed. Null for a new workflow.'),
    definition: z.looseObject({}).describe('The whole definition after applying it.'),
    diff: z.array(z.looseObject({ field: z.string() })).describe('Compared with the base version.'),
    expiresAt: z.iso.datetime(),
  })
  .loose();

/** The result of staging a proposal. */
export const stagedOutput = z.object({
  proposalId: z.uuid(),
  kind: z.enum(['change', 'workflow']),
  state: z.enum(proposalStates),
  serverId: z.uuid(),
  workflowId: z.uuid().nullable().describe('Null for a new workflow, which gets its id when it is applied.'),
  baseVersionId: z.uuid().nullable(),
  name: z.string(),
  diff: z.array(fieldDiff),
  warnings: z.array(warningOutput),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type Staged = z.infer<typeof stagedOutput>;

export const proposalInclude = {
  server: { select: { name: true } },
  workflow: { select: { activeVersionId: true } },
  baseVersion: { select: { number: true } },
} as const;
export type ProposalRow = ProposalModel & {
  server: { name: string };
  workflow: { activeVersionId: string } | null;
  baseVersion: { number: number } | null;
};

/** Builds the views of rows, with the names of members and API keys. Takes two more queries. */
export async function toProposalViews(
  db: Db | Tx,
  { orgId, rows, now }: { orgId: string; rows: readonly ProposalRow[]; now: Date },
): Promise<ProposalView[]> {
  const nameActor = await loadActorNames(
    db,
    orgId,
    rows.flatMap((row) => [
      { kind: row.proposedByKind, id: row.proposedById },
      ...(row.decidedByKind !== null && row.decidedById !== null
        ? [{ kind: row.decidedByKind, id: row.decidedById }]
        : []),
    ]),
  );
  return rows.map((row) => {
    const state = stateAt(row, now);
    return {
      proposalId: row.id,
      kind: row.kind === 'change' ? 'change' : 'workflow',
      state,
      stale: state === 'open' && row.workflow !== null && row.workflow.activeVersionId !== row.baseVersionId,
      currentVersionId: row.workflow?.activeVersionId ?? null,
      serverId: row.serverId,
      serverName: row.server.name,
      workflowId: row.workflowId,
      name: definitionName.parse(row.definition).name,
      baseVersionId: row.baseVersionId,
      baseVersionNumber: row.baseVersion?.number ?? null,
      changedFields: Object.keys(row.changes ?? {}),
      rationale: row.rationale,
      intent: row.intent,
      evidence: evidence.array().parse(row.evidence),
      sourceRunId: row.sourceRunId,
      warnings: warningOutput.array().parse(row.warnings),
      proposedBy: nameActor({ kind: row.proposedByKind, id: row.proposedById }),
      createdAt: row.createdAt.toISOString(),
      expiresAt: row.expiresAt.toISOString(),
      decidedAt: row.decidedAt?.toISOString() ?? null,
      decidedBy:
        row.decidedByKind !== null && row.decidedById !== null
          ? nameActor({ kind: row.decidedByKind, id: row.decidedById })
          : null,
      decisionReason: row.decisionReason,
      result: row.result === null ? null : applyResult.parse(row.result),
    };
  });
}

const definitionName = z.object({ name: z.string() });
