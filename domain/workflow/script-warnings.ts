import { describeCriterion } from '../assertion/criterion.ts';
import { nearestName } from '../catalog/tool-similarity.ts';
import type { Warning } from '../error/error.ts';
import { argumentProblems, describeProblem } from '../schema/arguments.ts';
import { findContradictions, toolsToCall } from './contradictions.ts';
import type { WorkflowDefinition } from './definition.ts';
import { knownArguments, readScript, type Step } from './script.ts';

const scripted = 'builtin/scripted';
/** Of each kind. */
const maxWarnings = 20;

/**
 * The tools that the agent can have, null while they aren't known, and the input schemas of those that steps call.
 */
type Tools = { names: ReadonlySet<string> | null; schemas: ReadonlyMap<string, unknown> };

/** Warnings about steps that can't be made, and about criteria that can't be met whatever the server does. */
export function scriptWarnings(definition: WorkflowDefinition, tools: Tools): Warning[] {
  const { prompt, testerModels, criteria, toolPolicy } = definition;
  const { names } = tools;
  const steps = readScript(prompt, names ?? new Set());
  const isScripted = testerModels.includes(scripted);
  if (isScripted && steps.length === 0)
    return [
      {
        code: 'prompt_has_no_steps',
        message: `${scripted} carries out steps, and the prompt has none: runs will end in an error. Write one a line: call tool {"argument": "value"}.`,
        field: 'prompt',
      },
    ];
  const isMade = ({ tool, problem }: Step) => problem === null && !toolPolicy.blockedTools.includes(tool);
  const contradictions = findContradictions(
    criteria,
    testerModels.every((model) => model === scripted) ? steps.filter(isMade) : null,
  );
  return [
    ...steps.flatMap((step) => stepWarnings(step, definition, tools)).slice(0, maxWarnings),
    ...policyContradictions(definition, steps, names).slice(0, maxWarnings),
    ...contradictions.slice(0, maxWarnings).map(({ positions, words }) => ({
      code: 'criteria_contradict',
      message:
        positions.length > 1
          ? `Criteria ${positions.map((position) => position + 1).join(' and ')} can't both be met: ${words}.`
          : `Criterion ${(positions[0] ?? 0) + 1} can't be met: ${words}.`,
      field: `criteria[${positions.at(-1)}].text`,
    })),
  ];
}

function stepWarnings(step: Step, definition: WorkflowDefinition, { names, schemas }: Tools): Warning[] {
  const { tool, number, line, problem } = step;
  if (problem !== null) return [{ code: 'step_arguments_invalid', message: problem, field: 'prompt' }];
  const where = `Step ${number} of the prompt (line ${line + 1})`;
  if (names && !names.has(tool)) {
    const nearest = nearestName(tool, names);
    const hint = nearest === null ? '' : ` Is "${nearest}" meant?`;
    return [
      {
        code: 'step_tool_missing',
        message: `${where} calls "${tool}", but the server has no active tool of that name.${hint}`,
        field: 'prompt',
      },
    ];
  }
  const schema = schemas.get(tool);
  if (schema === undefined || expectsFailure(definition, tool)) return [];
  const problems = argumentProblems(knownArguments(step.arguments), schema);
  if (problems.length === 0) return [];
  return [
    {
      code: 'step_arguments_invalid',
      message: `${where} calls "${tool}" with arguments that its schema refuses: ${problems.slice(0, 5).map(describeProblem).join('; ')}.`,
      field: 'prompt',
    },
  ];
}

/** Whether a criterion wants calls of the tool to fail, so that they may be wrong on purpose. */
export const expectsFailure = ({ criteria }: Pick<WorkflowDefinition, 'criteria'>, tool: string): boolean =>
  criteria.some(({ text }) => {
    const grading = describeCriterion(text);
    if (grading.by !== 'assertion' || grading.assertion.kind !== 'tool_fails') return false;
    return grading.assertion.tool === tool && !grading.assertion.negated;
  });

/** Tools that steps and criteria need while the policy keeps the agent from calling them. */
function policyContradictions(
  { criteria, toolPolicy }: WorkflowDefinition,
  steps: readonly Step[],
  names: ReadonlySet<string> | null,
): Warning[] {
  const { allowedTools, blockedTools } = toolPolicy;
  const [allowed, blocked] = [new Set(allowedTools), new Set(blockedTools)];
  const needed = new Map<string, string>();
  for (const { tool, number } of steps)
    if (!needed.has(tool)) needed.set(tool, `step ${number} of the prompt calls it: that call will be refused`);
  for (const [tool, position] of toolsToCall(criteria))
    if (!needed.has(tool)) needed.set(tool, `criterion ${position + 1} needs it to be called: it can't be met`);
  return [...needed].flatMap(([tool, why]): Warning[] => {
    if (blocked.has(tool))
      return [
        {
          code: 'needed_tool_blocked',
          message: `"${tool}" is blocked, but ${why}.`,
          field: `toolPolicy.blockedTools[${blockedTools.indexOf(tool)}]`,
        },
      ];
    // A tool that doesn't exist has its own warning.
    if (allowed.size === 0 || allowed.has(tool) || names?.has(tool) === false) return [];
    return [
      {
        code: 'needed_tool_blocked',
        message: `"${tool}" isn't among the allowed tools, but ${why}.`,
        field: 'toolPolicy.allowedTools',
      },
    ];
  });
}
