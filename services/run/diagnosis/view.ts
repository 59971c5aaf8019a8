import { z } from 'zod';
import { type Cause, causeKinds, type DiagnosisFacts } from '../../../domain/diagnosis/diagnose.ts';
import { compactJson } from '../../../domain/json/json.ts';
import { readBlockText } from '../../../domain/run/content.ts';
import type { CriterionResult, ToolCall, TraceEvent } from '../../../domain/run/run.ts';
import { runErrorKinds, runLimits, verdicts } from '../../../domain/run/run.ts';
import { cutMiddle } from '../../../domain/values/cut.ts';
import { comparisonSchema, side, versionsSchema } from '../reading/compare.ts';
import { callSchema, eventSchema, withCallId, withEventId } from '../reading/schema.ts';

const text = z.string();
const concernedTool = z.object({
  name: z.string(),
  description: z.string().optional(),
  inputSchema: z.unknown().optional(),
  outputSchema: z.unknown().optional(),
  note: z.string().optional().describe('Why there is no schema here.'),
});

const cause = z.object({
  kind: z.enum(causeKinds),
  confidence: z.number().describe('0 to 1.'),
  summary: text,
  remediation: text,
  decision: text
    .optional()
    .describe('What a person should decide: no change is suggested for this cause, or only a part.'),
  isRemedied: z.literal(true).optional().describe('The active version already has what would help: run it again.'),
  evidence: z.array(text).describe('call-<number>, event-<seq>, ids of criteria and of runs.'),
  said: z.array(text).optional().describe('What the server said in the calls behind it, cut.'),
  values: z
    .array(z.object({ call: text.optional(), path: text, now: text.optional(), before: text.optional() }))
    .optional()
    .describe(
      'Values of results in this run and in the last passing one, as short JSON. A side is absent where there is none.',
    ),
  tools: z
    .array(concernedTool)
    .optional()
    .describe('The tools that it concerns as they are now; a schema is given once.'),
});

const names = z.array(text).optional();
const count = z.int().optional();
const suggestedChange = z.object({
  prompt: text.optional(),
  toolPolicy: z.object({ allowedTools: names, blockedTools: names }).optional(),
  limits: z
    .object({ turns: count, toolCalls: count, seconds: count, tokens: count, toolCallSeconds: count })
    .optional(),
  criteria: z.array(z.object({ op: z.literal('update'), position: z.int(), text })).optional(),
});

export const diagnoseRunOutput = z.object({
  workflow: z.object({
    workflowId: z.uuid(),
    state: z.string(),
    activeVersionId: z.uuid().describe('What propose_workflow_patch wants as baseVersionId.'),
    activeVersionNumber: z.int(),
  }),
  suggestedChange: suggestedChange
    .nullable()
    .describe(
      'One change for all causes: pass it to propose_workflow_patch as changes. Null: none is needed or known.',
    ),
  causes: z.array(cause).describe('By rules alone, the most likely first.'),
  run: side.extend({
    serverId: z.uuid(),
    error: z.object({ kind: z.enum(runErrorKinds), message: text }).nullable(),
    limitHit: z.enum(runLimits).nullable(),
    flagged: z.boolean(),
  }),
  criteria: z
    .array(
      z.object({
        criterionId: z.uuid(),
        position: z.int(),
        text,
        isRequired: z.boolean(),
        verdict: z.enum([...verdicts, 'error']),
        rationale: text,
        evidence: z.array(text),
        gradedBy: z.enum(['assertion', 'judge']),
      }),
    )
    .describe('Those that did not pass.'),
  calls: z
    .array(
      callSchema
        .pick({ id: true, tool: true, outcome: true, error: true, failure: true, latencyMs: true })
        .extend({ arguments: text.describe('JSON, cut.'), result: text.optional().describe('As text, cut.') }),
    )
    .describe('The calls that causes and criteria name, or that did not succeed. inspect_run has all of them.'),
  events: z.array(eventSchema).describe('The trace events that criteria and causes name as evidence.'),
  lastPassing: side
    .extend({
      differences: comparisonSchema
        .omit({ status: true, criteria: true, unchangedPasses: true })
        .extend({ versions: versionsSchema }),
    })
    .nullable()
    .describe('The last run of the workflow that passed before this one, and what differs since.'),
});

const maxText = 1500;
const cut = (long: string, most = maxText): string => cutMiddle(long, most).text;

export const toCriterionView = ({ judge: _, rationale, ...result }: CriterionResult) => ({
  ...result,
  rationale: cut(rationale),
});

export function toCallView(call: ToolCall) {
  const { id, tool, outcome, error, failure, latencyMs, arguments: args, result } = withCallId(call);
  const shown = result && (compactJson(result.structuredContent) ?? '');
  const texts = result?.content.map((block) => readBlockText(block) ?? `[${block.type}]`).join('\n') ?? '';
  return {
    id,
    tool,
    outcome,
    arguments: cut(compactJson(args) ?? ''),
    ...(result && { result: cut(result.structuredContent === undefined ? texts : (shown ?? texts)) }),
    ...(error !== undefined && { error: cut(error) }),
    ...(failure && { failure }),
    ...(latencyMs !== undefined && { latencyMs }),
  };
}

const maxOffered = 50;

/** Without what inspect_run has: the whole list of offered tools, a whole answer. */
export function toEventView(event: TraceEvent): z.infer<typeof eventSchema> {
  const shown = withEventId(event);
  if ('offered' in shown && shown.offered.length > maxOffered)
    return { ...shown, offered: shown.offered.slice(0, maxOffered), offeredCount: shown.offered.length };
  if ('content' in shown) return { ...shown, content: cut(shown.content) };
  return shown;
}

const maxSchema = 6000;

/** Causes with the current schemas of the tools that they concern, each once. */
export function toCauseViews(
  causes: readonly (Cause & { isRemedied?: boolean })[],
  { currentTools, seenTools }: Pick<DiagnosisFacts, 'currentTools' | 'seenTools'>,
): z.input<typeof cause>[] {
  const known = new Map((currentTools ?? seenTools ?? []).map((tool) => [tool.name, tool]));
  const given = new Set<string>();
  return causes.map(({ tools = [], schema, isRemedied, ...rest }) => {
    const views = [...new Set(tools)].flatMap((name) => {
      const tool = known.get(name);
      if (!tool) return [];
      const value = schema === 'input' ? tool.inputSchema : schema === 'output' ? tool.outputSchema : undefined;
      const key = `${schema} ${name}`;
      if (value == null || given.has(key)) return [{ name }];
      given.add(key);
      const size = compactJson(value)?.length ?? Number.POSITIVE_INFINITY;
      if (size > maxSchema) return [{ name, note: 'The schema is long: get_tool_catalog has it.' }];
      const described = tool.description ? { description: cut(tool.description, 500) } : {};
      return [{ name, ...described, ...(schema === 'input' ? { inputSchema: value } : { outputSchema: value }) }];
    });
    return { ...rest, ...(isRemedied && { isRemedied: true as const }), ...(views.length > 0 && { tools: views }) };
  });
}
