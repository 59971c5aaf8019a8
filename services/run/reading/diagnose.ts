import { z } from 'zod';
import type { CatalogToolShape } from '../../../domain/catalog/diff.ts';
import { causeKinds, diagnose } from '../../../domain/diagnosis/diagnose.ts';
import { compareRuns } from '../../../domain/run/comparison.ts';
import { runErrorKinds, runLimits, terminalStatuses } from '../../../domain/run/run.ts';
import type { WorkflowDefinition } from '../../../domain/workflow/definition.ts';
import type { Db } from '../../../infra/db/index.ts';
import { findRunPositions } from '../../../infra/db/queries/run-search.ts';
import { useCase } from '../../context/use-case.ts';
import { parseDefinition } from '../../workflow/reading/view.ts';
import {
  compareVersions,
  comparisonSchema,
  requireTerminal,
  side,
  toComparedRun,
  toSide,
  versionsSchema,
} from './compare.ts';
import { loadRun, loadSeenCatalog, type RunRecord, toToolShape } from './load.ts';
import { callSchema, criterionResultSchema, eventSchema, withCallId, withEventId } from './schema.ts';
import { toRunStatus } from './view.ts';

const suggestedChange = z.object({
  prompt: z.string().optional(),
  toolPolicy: z.object({ allowedTools: z.array(z.string()), blockedTools: z.array(z.string()) }).optional(),
  limits: z
    .object({
      turns: z.int(),
      toolCalls: z.int(),
      seconds: z.int(),
      tokens: z.int(),
      toolCallSeconds: z.int(),
    })
    .optional(),
  criteria: z.array(z.object({ op: z.literal('update'), position: z.int(), text: z.string() })).optional(),
});

export const diagnoseRunOutput = z.object({
  run: side.extend({
    workflowId: z.uuid(),
    serverId: z.uuid(),
    error: z.object({ kind: z.enum(runErrorKinds), message: z.string() }).nullable(),
    limitHit: z.enum(runLimits).nullable(),
    flagged: z.boolean(),
  }),
  criteria: z.array(criterionResultSchema).describe('Those that did not pass.'),
  calls: z
    .array(callSchema)
    .describe('The tool calls that criteria and causes name as evidence, or that did not succeed.'),
  events: z.array(eventSchema).describe('The trace events that criteria and causes name as evidence.'),
  causes: z
    .array(
      z.object({
        kind: z.enum(causeKinds),
        confidence: z.number().describe('0 to 1.'),
        summary: z.string(),
        evidence: z.array(z.string()).describe('call-<index>, event-<seq>, ids of criteria and of runs.'),
        remediation: z.string(),
        suggestedChange: suggestedChange.optional().describe('To be passed to propose_workflow_patch as changes.'),
      }),
    )
    .describe('By rules alone, the most likely first.'),
  workflow: z.object({
    workflowId: z.uuid(),
    state: z.string(),
    activeVersionId: z.uuid().describe('What propose_workflow_patch wants as baseVersionId.'),
    activeVersionNumber: z.int(),
  }),
  lastPassing: side
    .extend({ differences: comparisonSchema.extend({ versions: versionsSchema }) })
    .nullable()
    .describe('The last run of the workflow that passed before this one, and what differs since.'),
});

/** Runs of the same version that are checked for flakiness. */
const historyLength = 20;

/**
 * Finds out why a run did not pass, by rules over its evidence, the catalog that it saw, the current catalog and the
 * workflow's history.
 * @throws ArmatureError `run_not_found`, `run_not_terminal`.
 */
export const diagnoseRun = useCase({
  name: 'run.diagnose',
  access: 'viewer',
  input: z.object({ runId: z.uuid() }),
  async run({ db, orgId }, { runId }): Promise<z.infer<typeof diagnoseRunOutput>> {
    const record = await loadRun(db, { orgId, runId });
    requireTerminal(record);
    const { run, results, calls, events, definition, catalogHash } = record;
    const workflow = await db.workflow.findFirstOrThrow({
      where: { orgId, id: run.workflowId },
      select: { state: true, activeVersionId: true },
    });
    const version = await db.workflowVersion.findFirstOrThrow({
      where: { orgId, id: workflow.activeVersionId },
      select: { number: true, definition: true },
    });
    const active = parseDefinition(version);
    const [passing, current, sameVersion] = await Promise.all([
      lastPassing(db, orgId, record),
      currentCatalog(db, { orgId, workflowId: run.workflowId, active }),
      history(db, orgId, record),
    ]);
    const failed = await toComparedRun(db, orgId, record);
    const passed = passing && (await toComparedRun(db, orgId, passing));
    const { causes } = diagnose({
      run: { id: runId, status: run.status, error: run.error, limitHit: run.limitHit },
      definition,
      active,
      events,
      calls,
      results,
      seenTools: failed.tools,
      currentTools: current.tools,
      goneTools: current.gone,
      lastPassing: passing && passed && { id: passing.run.id, calls: passing.calls, tools: passed.tools },
      sameVersion,
      catalogHash,
      createdAt: run.createdAt,
    });
    const criteria = results.filter(({ verdict }) => verdict !== 'pass');
    const named = new Set([...criteria, ...causes].flatMap(({ evidence }) => evidence));
    return {
      run: {
        ...toSide(record),
        workflowId: run.workflowId,
        serverId: run.serverId,
        error: run.error,
        limitHit: run.limitHit,
        flagged: run.flagged,
      },
      criteria: criteria.map(({ judge, ...result }) => result),
      calls: calls.map(withCallId).filter(({ id, outcome }) => named.has(id) || outcome !== 'ok'),
      events: events.map(withEventId).filter(({ id }) => named.has(id)),
      causes,
      workflow: {
        workflowId: run.workflowId,
        state: workflow.state,
        activeVersionId: workflow.activeVersionId,
        activeVersionNumber: version.number,
      },
      lastPassing:
        passing && passed
          ? {
              ...toSide(passing),
              differences: { ...compareRuns(passed, failed), versions: compareVersions(passing, record) },
            }
          : null,
    };
  },
});

/** Prefers a run of the same model. */
async function lastPassing(db: Db, orgId: string, { run }: RunRecord): Promise<RunRecord | null> {
  const found = await findRunPositions(db, {
    orgId,
    workflowId: run.workflowId,
    statuses: ['pass'],
    createdBefore: new Date(run.createdAt),
    limit: historyLength,
  });
  const rows = await db.run.findMany({
    where: { orgId, id: { in: found.map(({ id }) => id) } },
    select: { id: true, model: true },
  });
  const models = new Map(rows.map(({ id, model }) => [id, model]));
  const best = found.find(({ id }) => models.get(id) === run.model) ?? found[0];
  return best ? loadRun(db, { orgId, runId: best.id }) : null;
}

/**
 * Other runs of the version and model. They were made between this version and the next, which keeps the search short.
 */
async function history(db: Db, orgId: string, { run }: RunRecord) {
  const versions = await db.workflowVersion.findMany({
    where: { orgId, workflowId: run.workflowId, number: { in: [run.versionNumber, run.versionNumber + 1] } },
    select: { createdAt: true },
    orderBy: { number: 'asc' },
  });
  const [own, next] = versions.map(({ createdAt }) => createdAt);
  const found = await findRunPositions(db, {
    orgId,
    workflowId: run.workflowId,
    versionId: run.versionId,
    model: run.model,
    statuses: terminalStatuses,
    createdAfter: own && new Date(own.getTime() - 1),
    // A run dispatched while the next version was saved may be a little later.
    createdBefore: next && new Date(next.getTime() + 60_000),
    limit: historyLength,
  });
  const rows = await db.run.findMany({
    where: { orgId, id: { in: found.map(({ id }) => id).filter((id) => id !== run.id) } },
    select: { id: true, status: true, catalogHash: true, createdAt: true },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
  });
  return rows.map((row) => ({ ...row, status: toRunStatus(row), createdAt: row.createdAt.toISOString() }));
}

/**
 * The server's current tools. The catalog is that of the default profile; for a workflow with another profile the tools
 * that its latest run saw are more accurate.
 */
async function currentCatalog(
  db: Db,
  of: { orgId: string; workflowId: string; active: WorkflowDefinition },
): Promise<{ tools: CatalogToolShape[] | null; gone: CatalogToolShape[] }> {
  const { orgId, workflowId } = of;
  const { serverId, authProfileId } = of.active;
  const server = await db.server.findFirst({ where: { orgId, id: serverId }, select: { syncedAt: true } });
  const rows = await db.catalogTool.findMany({ where: { orgId, serverId } });
  const gone = rows.filter(({ active }) => !active).map(toToolShape);
  const profile =
    authProfileId === null
      ? null
      : await db.authProfile.findFirst({ where: { orgId, serverId, id: authProfileId }, select: { isDefault: true } });
  if (profile && !profile.isDefault) {
    const latest = await db.run.findFirst({
      where: { orgId, workflowId, serverId, catalogHash: { not: null } },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      select: { catalogHash: true },
    });
    const seen = await loadSeenCatalog(db, { orgId, serverId, hash: latest?.catalogHash ?? null });
    if (seen) return { tools: seen, gone };
  }
  return { tools: server?.syncedAt ? rows.filter(({ active }) => active).map(toToolShape) : null, gone };
}
