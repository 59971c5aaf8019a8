import { toCallId } from '../run/ids.ts';
import type { CallOutcome } from '../run/run.ts';
import { toolsToCall } from './contradictions.ts';
import type { Criterion, ToolPolicy, WorkflowDefinition } from './definition.ts';
import { readScript } from './script.ts';

export type FailedRun = {
  runId: string;
  /** The tester model. */
  model: string;
  /** The version that ran. */
  definition: WorkflowDefinition;
  results: readonly {
    criterionId: string;
    text: string;
    isRequired: boolean;
    verdict: 'pass' | 'partial' | 'fail' | 'error';
    evidence: readonly string[];
  }[];
  calls: readonly { index: number; tool: string; outcome: CallOutcome }[];
  /** Tools that the workflow's last passing run called. */
  passingTools: readonly string[];
  /** The tools that the run saw, null where that isn't known. */
  seenTools: ReadonlySet<string> | null;
  /** The server's current tools; null if its catalog is unknown. */
  toolNames: ReadonlySet<string> | null;
};

/**
 * A manual workflow that pins the failure of a run, so that it fails while the fault is there and passes without it:
 * same server, profile, model, judge, limits and blocked tools; the failed criteria (all, if none could be graded),
 * each required; no tools but those that the task needs. Its prompt names tools, not the criteria: an agent that knows
 * what will be graded is not a test.
 */
export function findRegression(
  run: FailedRun,
  { name, newId }: { name?: string | undefined; newId: () => string },
): { definition: WorkflowDefinition; failed: string[]; contributing: string[] } {
  const { runId, model, definition, results, calls } = run;
  const failed = results.filter(({ verdict }) => verdict === 'fail' || verdict === 'partial');
  const lines: readonly Pick<Criterion, 'text'>[] = failed.length > 0 ? failed : definition.criteria;
  const evidence = new Set(failed.flatMap((result) => result.evidence));
  const cited = calls.filter(({ index, outcome }) => evidence.has(toCallId(index)) && !isRefused(outcome));
  return {
    definition: {
      ...definition,
      name: (name ?? `Regression: ${definition.name}`).slice(0, 200),
      description: `Pins the failure of run ${runId} of "${definition.name}".`,
      testerModels: [model],
      prompt: scopedPrompt(definition.prompt, [...new Set(cited.map(({ tool }) => tool))], run.toolNames),
      criteria: lines.map(({ text }) => ({ id: newId(), text, isRequired: true })),
      schedule: null,
      toolPolicy: pinnedPolicy(run, lines),
      metadata: { ...definition.metadata, regressionOf: runId },
    },
    failed: failed.map(({ criterionId }) => criterionId),
    contributing: [...evidence],
  };
}

const isRefused = (outcome: CallOutcome): boolean => outcome === 'blocked' || outcome === 'not_offered';

/**
 * Never wider than the policy of the run: what it blocked stays blocked, and what it did not allow stays so. A tool
 * that the server did not have is allowed under its name, so that the task works again once it is back.
 */
function pinnedPolicy(
  { definition, calls, passingTools, seenTools, toolNames }: FailedRun,
  lines: readonly { text: string }[],
): ToolPolicy {
  const { toolPolicy } = definition;
  const sent = calls.filter(({ outcome }) => !isRefused(outcome)).map(({ tool }) => tool);
  const absent = calls
    .filter(({ outcome, tool }) => outcome === 'not_offered' && seenTools?.has(tool) !== true)
    .map(({ tool }) => tool);
  if (sent.length === 0 && absent.length === 0) return toolPolicy;
  const steps = readScript(definition.prompt, toolNames ?? new Set()).map(({ tool }) => tool);
  const isAllowed = (tool: string) =>
    !toolPolicy.blockedTools.includes(tool) &&
    (toolPolicy.allowedTools.length === 0 || toolPolicy.allowedTools.includes(tool));
  const needed = new Set([...sent, ...absent, ...passingTools, ...steps, ...toolsToCall(lines).keys()]);
  const allowedTools = [...needed].filter(isAllowed);
  // Without a single existing tool, the agent would have nothing to try.
  return allowedTools.some((tool) => toolNames?.has(tool) ?? true) ? { ...toolPolicy, allowedTools } : toolPolicy;
}

/** Explicit steps say what to do; prose gets a hint what matters. */
function scopedPrompt(prompt: string, tools: readonly string[], toolNames: ReadonlySet<string> | null): string {
  if (tools.length === 0 || readScript(prompt, toolNames ?? new Set()).length > 0) return prompt;
  const scope = `\n\nOnly the part of this that needs ${tools.map((tool) => `"${tool}"`).join(', ')} matters here.`;
  return prompt.length + scope.length > 50_000 ? prompt : `${prompt}${scope}`;
}
