import { z } from 'zod';
import { describeCriterion, evaluateAssertion, validateAssertionTools } from '../../../domain/assertion/criterion.ts';
import { suggestAssertion } from '../../../domain/assertion/suggest.ts';
import { nearestName } from '../../../domain/catalog/tool-similarity.ts';
import type { Warning } from '../../../domain/error/error.ts';
import { getFinalAnswer, listTurnUsage, measureWorkMs, sumUsage } from '../../../domain/run/transcript.ts';
import { givenId } from '../../../domain/values/id.ts';
import { limits, retryPolicy, type WorkflowDefinition } from '../../../domain/workflow/definition.ts';
import { readScript } from '../../../domain/workflow/script.ts';
import { offerableTools, workflowWarnings } from '../../../domain/workflow/warnings.ts';
import { newId } from '../../context/ids.ts';
import { useCase } from '../../context/use-case.ts';
import { loadModels } from '../../model/load.ts';
import type { RunRecord } from '../../run/reading/load.ts';
import { serverNotFound } from '../../server/errors.ts';
import { workflowNotFound } from '../errors.ts';
import { loadLatestRun } from '../reading/adaptation.ts';
import { loadToolSurroundings } from '../references.ts';
import { planSchedule, schedulePlan } from './plan-schedule.ts';

/** Results of a run that are searched by a pattern while somebody types: more would keep the process busy. */
const maxSearchedBytes = 256 * 1024;
const maxGradedBytes = 4 * 1024 * 1024;

const input = z.object({
  serverId: givenId,
  workflowId: givenId.optional().describe('Of a workflow that exists: its latest run is what is checked against.'),
  prompt: z.string().max(100_000).default(''),
  criteria: z.array(z.string().max(2000)).max(100).default([]),
  testerModels: z.array(z.string().max(200)).max(20).default([]),
  judgeModel: z.string().max(200).default('builtin/assertions'),
  schedule: z.string().max(200).nullable().default(null),
  timezone: z.string().max(100).default('UTC'),
});
type Draft = z.output<typeof input>;

const tool = z.object({ name: z.string(), nearest: z.string().nullable() });
const checkedCriterion = z.object({
  gradedBy: z.enum(['assertion', 'judge']).nullable().describe('Null: the line is empty.'),
  hint: z
    .object({ position: z.int(), expected: z.string() })
    .nullable()
    .describe('Where a line that begins like an assertion stops being one.'),
  suggestion: z.string().nullable().describe('The assertion that it is most likely meant to be.'),
  isUnreadable: z.boolean().describe('The judge model reads only assertions, and this is none.'),
  unknownTools: z.array(tool),
  lastRun: z
    .object({ verdict: z.enum(['pass', 'fail', 'error']), rationale: z.string() })
    .nullable()
    .describe('How the latest run would be graded by it. Null: by the judge, without a run, or too large a one.'),
});
export type CheckedCriterion = z.infer<typeof checkedCriterion>;

export const checkedDraft = z.object({
  criteria: z.array(checkedCriterion),
  unknownTools: z.array(tool).describe('That the prompt has steps for.'),
  warnings: z
    .array(z.object({ code: z.string(), message: z.string(), field: z.string().optional() }))
    .describe('What is not said at a criterion or tool.'),
  schedule: schedulePlan,
  lastRun: z.object({ id: z.uuid(), status: z.string(), createdAt: z.iso.datetime() }).nullable(),
});
export type CheckedDraft = z.infer<typeof checkedDraft>;

/**
 * Checks a workflow as it is being written, saves nothing and calls no model: how each criterion is graded and how the
 * latest run fares by it, unknown tools, when the schedule fires and what that costs.
 * @throws ArmatureError `mcp_server_not_found`, `workflow_not_found`
 */
export const checkDraft = useCase({
  name: 'workflow.check_draft',
  access: 'viewer',
  input,
  async run({ ctx, db, orgId, now }, draft): Promise<CheckedDraft> {
    const { serverId, workflowId } = draft;
    const [server, workflow, latest] = await Promise.all([
      db.server.findFirst({
        where: { orgId, id: serverId },
        select: { archivedAt: true, syncedAt: true, hasResources: true },
      }),
      workflowId === undefined
        ? null
        : db.workflow.findFirst({ where: { orgId, id: workflowId }, select: { id: true } }),
      workflowId === undefined ? null : loadLatestRun(db, { orgId, workflowId }),
    ]);
    if (!server) throw serverNotFound();
    if (workflowId !== undefined && !workflow) throw workflowNotFound();
    const definition = toDefinition(draft);
    const tools = await loadToolSurroundings(db, { orgId, definition });
    const around = { models: (await loadModels(ctx.deps, orgId)).list(), server, profileExists: true, ...tools };
    const names = offerableTools(around);
    const grade = latest ? createGrader(latest) : () => null;
    return {
      criteria: draft.criteria.map((text) => checkCriterion(text, { names, grade, judgeModel: draft.judgeModel })),
      unknownTools: names
        ? toUnknown(
            readScript(draft.prompt, names).map((step) => step.tool),
            names,
          )
        : [],
      warnings: draft.prompt === '' ? [] : workflowWarnings(definition, around).filter(isUnsaid),
      schedule: await planSchedule(db, { orgId, workflowId, now: now(), ...draft }),
      lastRun: latest && { id: latest.run.id, status: latest.run.status, createdAt: latest.run.createdAt },
    };
  },
});

/** What the rules for warnings look at; the rest is as in a new workflow. */
const toDefinition = (draft: Draft): WorkflowDefinition => ({
  name: 'Draft',
  description: '',
  serverId: draft.serverId,
  authProfileId: null,
  testerModels: draft.testerModels,
  judgeModel: draft.judgeModel,
  prompt: draft.prompt,
  criteria: draft.criteria.map((text) => ({ id: newId(), text, isRequired: true })),
  schedule: null,
  timezone: 'UTC',
  toolPolicy: { allowedTools: [], blockedTools: [] },
  limits: limits.parse({}),
  retryPolicy: retryPolicy.parse({}),
  storeToolResults: true,
  metadata: {},
});

const saidElsewhere = ['criterion_not_an_assertion', 'criterion_mentions_missing_tool', 'step_tool_missing'];
const isUnsaid = ({ code }: Warning): boolean => !saidElsewhere.includes(code);

const toUnknown = (used: readonly string[], names: ReadonlySet<string>) =>
  [...new Set(used)]
    .filter((name) => !names.has(name))
    .slice(0, 20)
    .map((name) => ({ name, nearest: nearestName(name, names) }));

type Grader = (assertion: Parameters<typeof evaluateAssertion>[0]) => CheckedCriterion['lastRun'];

function checkCriterion(
  line: string,
  { names, grade, judgeModel }: { names: ReadonlySet<string> | null; grade: Grader; judgeModel: string },
): CheckedCriterion {
  const text = line.trim();
  const none = { hint: null, suggestion: null, isUnreadable: false, unknownTools: [], lastRun: null };
  if (text === '') return { gradedBy: null, ...none };
  const grading = describeCriterion(text);
  if (grading.by === 'judge')
    return {
      ...none,
      gradedBy: 'judge',
      hint: grading.hint ?? null,
      suggestion: suggestAssertion(text, names ?? []),
      isUnreadable: judgeModel === 'builtin/assertions',
    };
  const { assertion } = grading;
  return {
    ...none,
    gradedBy: 'assertion',
    unknownTools: names ? toUnknown(validateAssertionTools(assertion), names) : [],
    lastRun: grade(assertion),
  };
}

/** Grades by the trace of a run, without a judge. */
function createGrader({ run, calls, events, finalAnswer }: RunRecord): Grader {
  const bytes = calls.reduce((sum, { result }) => sum + (result ? JSON.stringify(result).length : 0), 0);
  const startedAt = run.startedAt === null ? null : new Date(run.startedAt);
  const facts = {
    calls,
    events,
    finalAnswer: finalAnswer ?? getFinalAnswer(events),
    seconds: startedAt ? measureWorkMs(events, startedAt) / 1000 : 0,
    tokens: sumUsage(listTurnUsage(events)).total,
  };
  return (assertion) => {
    const isSearch = JSON.stringify(assertion).includes('"op":"matches"');
    if (bytes > (isSearch ? maxSearchedBytes : maxGradedBytes)) return null;
    const { verdict, rationale } = evaluateAssertion(assertion, facts);
    return { verdict, rationale };
  };
}
