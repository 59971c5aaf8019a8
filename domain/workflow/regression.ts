import { describeCriterion, validateAssertionTools } from '../assertion/criterion.ts';
import { toCallId } from '../run/ids.ts';
import type { CallOutcome } from '../run/run.ts';
import type { Criterion, WorkflowDefinition } from './definition.ts';

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
  /** The server's current tools; null if its catalog is unknown. */
  toolNames: ReadonlySet<string> | null;
};

/**
 * A manual workflow that pins the failure of a run: same server, profile, model and judge; the failed criteria (all, if
 * none could be graded), each required; the tools that the run used. Its prompt names those tools, not the criteria: an
 * agent that knows what will be graded is not a test.
 */
export function findRegression(
  { runId, model, definition, results, calls, toolNames }: FailedRun,
  { name, newId }: { name?: string | undefined; newId: () => string },
): { definition: WorkflowDefinition; failed: string[]; contributing: string[] } {
  const failed = results.filter(({ verdict }) => verdict === 'fail' || verdict === 'partial');
  const lines: readonly Pick<Criterion, 'text'>[] = failed.length > 0 ? failed : definition.criteria;
  const evidence = new Set(failed.flatMap((result) => result.evidence));
  const sent = calls.filter(({ outcome }) => outcome !== 'blocked' && outcome !== 'not_offered');
  const used = new Set(sent.map(({ tool }) => tool));
  for (const { text } of lines) {
    const grading = describeCriterion(text);
    // A tool that a criterion requires has to be available, even if the run never got to it; a forbidden one doesn't.
    if (grading.by === 'assertion' && grading.assertion.kind !== 'never_calls')
      for (const tool of validateAssertionTools(grading.assertion)) if (toolNames?.has(tool)) used.add(tool);
  }
  const offered = [...used].some((tool) => toolNames?.has(tool) ?? true) ? [...used] : [];
  const contributing = [...new Set(sent.filter(({ index }) => evidence.has(toCallId(index))).map(({ tool }) => tool))];
  const focus = contributing.length > 0 ? contributing : offered;
  const scope =
    focus.length > 0
      ? `\n\nOnly the part of this that needs ${focus.map((tool) => `"${tool}"`).join(', ')} matters here.`
      : '';
  return {
    definition: {
      ...definition,
      name: (name ?? `Regression: ${definition.name}`).slice(0, 200),
      description: `Pins the failure of run ${runId} of "${definition.name}".`,
      testerModels: [model],
      prompt: `${definition.prompt.slice(0, 50_000 - scope.length)}${scope}`,
      criteria: lines.map(({ text }) => ({ id: newId(), text, isRequired: true })),
      schedule: null,
      toolPolicy: {
        allowedTools: offered,
        blockedTools: definition.toolPolicy.blockedTools.filter((tool) => !offered.includes(tool)),
      },
      metadata: { ...definition.metadata, regressionOf: runId },
    },
    failed: failed.map(({ criterionId }) => criterionId),
    contributing: [...evidence],
  };
}
