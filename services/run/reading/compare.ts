import { z } from 'zod';
import { toolChangeKinds } from '../../../domain/catalog/diff.ts';
import { ArmatureError } from '../../../domain/error/error.ts';
import { type ComparedRun, compareRuns as comparisonOf } from '../../../domain/run/comparison.ts';
import { callOutcomes, isTerminal, runStatuses, verdicts } from '../../../domain/run/run.ts';
import { definitionDiff, fieldDiff } from '../../../domain/workflow/definition-diff.ts';
import type { Db } from '../../../infra/db/index.ts';
import { useCase } from '../../context/use-case.ts';
import { runNotTerminal } from '../errors.ts';
import { loadRun, loadSeenCatalog, type RunRecord } from './load.ts';

const verdict = z.enum([...verdicts, 'error']).nullable();
const delta = z.object({ before: z.number().nullable(), after: z.number().nullable(), delta: z.number().nullable() });
export const side = z.object({
  runId: z.uuid(),
  status: z.enum(runStatuses),
  model: z.string(),
  versionId: z.uuid(),
  versionNumber: z.int(),
  createdAt: z.iso.datetime(),
});
export const toolChangeSchema = z.looseObject({
  tool: z.string(),
  kind: z.enum(toolChangeKinds),
  breaking: z.boolean(),
});

export const comparisonSchema = z.object({
  status: z.object({
    before: z.enum(runStatuses),
    after: z.enum(runStatuses),
    change: z.enum(['fixed', 'regressed', 'changed', 'unchanged']),
  }),
  flagged: z.object({ before: z.boolean(), after: z.boolean() }),
  criteria: z.array(
    z.object({
      criterionId: z.uuid(),
      text: z.string(),
      textBefore: z.string().optional(),
      isRequired: z.boolean(),
      change: z
        .enum(['fixed', 'regressed', 'unchanged', 'improved', 'added', 'removed'])
        .describe('improved: better than before, but no pass. added, removed: only one of the runs has it.'),
      before: verdict,
      after: verdict,
    }),
  ),
  callSequence: z
    .array(
      z.object({
        op: z.enum(['same', 'removed', 'added']),
        tool: z.string(),
        baselineCall: z.string().optional(),
        candidateCall: z.string().optional(),
        argumentsChanged: z.boolean().optional(),
        outcomeBefore: z.enum(callOutcomes).optional(),
        outcomeAfter: z.enum(callOutcomes).optional(),
      }),
    )
    .describe("The baseline's tool calls turned into the candidate's, step by step."),
  tools: z.object({ added: z.array(z.string()), lost: z.array(z.string()) }),
  latency: z.object({ durationMs: delta, meanCallMs: delta }),
  tokens: z.object({ input: delta, output: delta, judge: delta }),
  cost: delta.describe('US dollars.'),
  catalogChanges: z
    .array(toolChangeSchema)
    .nullable()
    .describe('Between the tool catalogs that the two runs saw; null where one is not known.'),
});

export const versionsSchema = z.object({
  same: z.boolean(),
  changes: z.array(fieldDiff).describe('What differs between the two definitions.'),
});

export const compareRunsOutput = z.object({
  baseline: side,
  candidate: side,
  ...comparisonSchema.shape,
  versions: versionsSchema,
});

/**
 * Compares two ended runs of the same workflow.
 * @throws ArmatureError `run_not_found`, `runs_not_comparable`, `run_not_terminal`.
 */
export const compareRuns = useCase({
  name: 'run.compare',
  access: 'viewer',
  input: z.object({ baselineRunId: z.uuid(), candidateRunId: z.uuid() }),
  async run({ db, orgId }, { baselineRunId, candidateRunId }): Promise<z.infer<typeof compareRunsOutput>> {
    const [baseline, candidate] = await Promise.all([
      loadRun(db, { orgId, runId: baselineRunId }),
      loadRun(db, { orgId, runId: candidateRunId }),
    ]);
    if (baseline.run.workflowId !== candidate.run.workflowId)
      throw new ArmatureError(
        'runs_not_comparable',
        'These runs are of different workflows.',
        'Name two runs of the same workflow; search_runs lists them.',
        { workflowIds: [baseline.run.workflowId, candidate.run.workflowId] },
      );
    requireTerminal(baseline);
    requireTerminal(candidate);
    const [one, two] = await Promise.all([toComparedRun(db, orgId, baseline), toComparedRun(db, orgId, candidate)]);
    return {
      baseline: toSide(baseline),
      candidate: toSide(candidate),
      ...comparisonOf(one, two),
      versions: compareVersions(baseline, candidate),
    };
  },
});

/** @throws ArmatureError `run_not_terminal`. */
export function requireTerminal({ run: { id, status } }: RunRecord): void {
  if (!isTerminal(status)) throw runNotTerminal(id, status);
}

export const toSide = ({ run: { id, status, model, versionId, versionNumber, createdAt } }: RunRecord) => ({
  runId: id,
  status,
  model,
  versionId,
  versionNumber,
  createdAt,
});

export const compareVersions = (before: RunRecord, after: RunRecord) => ({
  same: before.run.versionId === after.run.versionId,
  changes: definitionDiff(before.definition, after.definition),
});

export async function toComparedRun(db: Db, orgId: string, record: RunRecord): Promise<ComparedRun> {
  const { run, results, calls, catalogHash } = record;
  const { status, flagged, durationMs, inputTokens, outputTokens, judgeTokens, cost, serverId } = run;
  const tools = await loadSeenCatalog(db, { orgId, serverId, hash: catalogHash });
  return { status, flagged, durationMs, inputTokens, outputTokens, judgeTokens, cost, results, calls, tools };
}
