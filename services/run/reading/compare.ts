import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import { type ComparedRun, compareRuns as comparisonOf, type Delta } from '../../../domain/run/comparison.ts';
import { callOutcomes, isTerminal, runStatuses, verdicts } from '../../../domain/run/run.ts';
import { givenId } from '../../../domain/values/id.ts';
import { definitionDiff, fieldDiff } from '../../../domain/workflow/definition-diff.ts';
import type { Db } from '../../../infra/db/index.ts';
import { toolChangeSchema } from '../../catalog/schema.ts';
import { loadSnapshot } from '../../catalog/snapshot.ts';
import { useCase } from '../../context/use-case.ts';
import { runNotTerminal } from '../errors.ts';
import { loadRun, type RunRecord } from './load.ts';

const verdict = z.enum([...verdicts, 'error']).nullable();
const delta = z.object({ before: z.number().nullable(), after: z.number().nullable(), delta: z.number().nullable() });
const changes = z.array(
  z.object({
    path: z.string().describe('Empty for the whole.'),
    before: z.string().optional(),
    after: z.string().optional(),
  }),
);
export const side = z.object({
  runId: z.uuid(),
  status: z.enum(runStatuses),
  model: z.string(),
  versionId: z.uuid(),
  versionNumber: z.int(),
  createdAt: z.iso.datetime(),
});

/** What is left out is unchanged, so that an answer is as long as what differs. */
export const comparisonSchema = z.object({
  status: z.object({
    before: z.enum(runStatuses),
    after: z.enum(runStatuses),
    change: z.enum(['fixed', 'regressed', 'changed', 'unchanged']),
  }),
  flagged: z.object({ before: z.boolean(), after: z.boolean() }).optional(),
  criteria: z
    .array(
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
        rationale: z.string().optional().describe('Why it did not pass in the candidate.'),
      }),
    )
    .describe('Without those that passed both times.'),
  unchangedPasses: z.int().describe('How many criteria passed both times.'),
  callSequence: z
    .array(
      z.object({
        op: z.enum(['changed', 'removed', 'added']),
        tool: z.string(),
        baselineCall: z.string().optional(),
        candidateCall: z.string().optional(),
        argumentsChanged: changes.optional(),
        resultChanged: changes.optional().describe('Fields of the result as short JSON, cut; ids and times aside.'),
        outcomeBefore: z.enum(callOutcomes).optional(),
        outcomeAfter: z.enum(callOutcomes).optional(),
      }),
    )
    .describe("The way from the baseline's tool calls to the candidate's, without calls that differ in nothing."),
  unchangedCalls: z.int(),
  tools: z
    .object({
      newlyCalled: z.array(z.string()),
      noLongerCalled: z.array(z.string()).describe('Called in the baseline alone; the server may still have them.'),
      newInCatalog: z.array(z.string()),
      goneFromCatalog: z.array(z.string()).describe('The server had them in the baseline and does not any more.'),
    })
    .partial(),
  latency: z.object({ durationMs: delta, meanCallMs: delta }).partial(),
  tokens: z.object({ input: delta, output: delta, judge: delta }).partial(),
  cost: delta.optional().describe('US dollars.'),
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
  input: z.object({ baselineRunId: givenId, candidateRunId: givenId }),
  async run({ db, orgId }, { baselineRunId, candidateRunId }): Promise<z.infer<typeof compareRunsOutput>> {
    const [baseline, candidate] = await Promise.all([
      loadRun(db, { orgId, runId: baselineRunId, field: 'baselineRunId' }),
      loadRun(db, { orgId, runId: candidateRunId, field: 'candidateRunId' }),
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
      ...compareLean(one, two),
      versions: compareVersions(baseline, candidate),
    };
  },
});

/** A comparison without what did not change. */
export function compareLean(before: ComparedRun, after: ComparedRun): z.infer<typeof comparisonSchema> {
  const { flagged, tools, latency, tokens, cost, ...rest } = comparisonOf(before, after);
  return {
    ...rest,
    ...(flagged.before !== flagged.after && { flagged }),
    tools: pickEntries(tools, (names) => names.length > 0),
    latency: pickEntries(latency, isChanged),
    tokens: pickEntries(tokens, isChanged),
    ...(isChanged(cost) && { cost }),
  };
}

const isChanged = ({ before, after }: Delta): boolean => before !== after;

const pickEntries = <K extends string, V>(
  of: Readonly<Record<K, V>>,
  keeps: (value: V) => boolean,
): Partial<Record<K, V>> =>
  // Object.entries forgets the names of the keys.
  Object.fromEntries(Object.entries<V>(of).filter(([, value]) => keeps(value))) as Partial<Record<K, V>>;

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
  const tools = await loadSnapshot(db, { orgId, serverId, hash: catalogHash });
  return { status, flagged, durationMs, inputTokens, outputTokens, judgeTokens, cost, results, calls, tools };
}
