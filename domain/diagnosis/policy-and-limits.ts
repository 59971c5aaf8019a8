import { compactJson } from '../json/json.ts';
import { toCallId } from '../run/ids.ts';
import type { RunLimit, ToolCall } from '../run/run.ts';
import { limits as limitsSchema } from '../workflow/definition.ts';
import { type Case, type Cause, changeIfAny, getAssertion, mentions, type SuggestedChange } from './facts.ts';
import { listEvents } from './target-failures.ts';

/** Calls that policy refused: of a blocked tool, or of a tool that policy doesn't allow. */
export function policyViolation(of: Case): Cause[] {
  const refused = of.calls.filter(
    ({ outcome, tool }) =>
      outcome === 'blocked' || (outcome === 'not_offered' && of.seenTools?.some(({ name }) => name === tool)),
  );
  const groups = Map.groupBy(refused, ({ tool, outcome }) => `${outcome} ${tool}`);
  return [...groups.values()].flatMap((calls): Cause[] => {
    const [first] = calls;
    if (!first) return [];
    const { tool, outcome } = first;
    const evidence = [
      ...calls.map(({ index }) => toCallId(index)),
      ...listEvents(of, 'policy_violation', (event) => event.tool === tool),
    ];
    const wanted = isWanted(of, tool);
    const times = calls.length === 1 ? 'once' : `${calls.length} times`;
    if (outcome === 'blocked')
      return [
        {
          kind: 'policy_violation',
          confidence: 0.95,
          summary: `The agent called the blocked tool \`${tool}\` ${times}${wanted ? ', which the prompt or a criterion asks for' : ''}.`,
          evidence,
          remediation: wanted
            ? `Prompt and policy contradict each other: unblock \`${tool}\`, or remove the request for it.`
            : `If the agent must not use \`${tool}\`, this is a finding about the agent or the tool's description; the prompt can say so plainly.`,
          ...changeIfAny(wanted ? unblocked(of, tool) : forbidden(of, tool)),
        },
      ];
    return [
      {
        kind: 'policy_violation',
        confidence: wanted ? 0.9 : 0.7,
        summary: `The agent called \`${tool}\` ${times}, which the server has and the tool policy does not offer.`,
        evidence,
        remediation: `Add \`${tool}\` to the allowed tools if the task needs it; otherwise make the prompt clearer about which tools to use.`,
        ...changeIfAny(allowed(of, tool)),
      },
    ];
  });
}

/** Whether the workflow itself mentions the tool. */
function isWanted({ definition }: Case, tool: string): boolean {
  const asserted = definition.criteria.some(({ text }) => {
    const assertion = getAssertion(text);
    if (!assertion || assertion.kind === 'never_calls') return false;
    if (assertion.kind === 'calls' && assertion.count.times === 0) return false;
    return assertion.kind === 'calls_before'
      ? assertion.first === tool || assertion.second === tool
      : 'tool' in assertion && assertion.tool === tool;
  });
  const step = [...definition.prompt.matchAll(/^\s*call\s+(\S+)/gm)].some(([, name]) => name === tool);
  return asserted || step;
}

function unblocked({ active: { toolPolicy } }: Case, tool: string): SuggestedChange {
  if (!toolPolicy.blockedTools.includes(tool)) return {};
  return { toolPolicy: { ...toolPolicy, blockedTools: toolPolicy.blockedTools.filter((each) => each !== tool) } };
}

function forbidden({ active: { prompt, toolPolicy } }: Case, tool: string): SuggestedChange {
  const sentence = `Do not call \`${tool}\`.`;
  if (prompt.includes(sentence) || !toolPolicy.blockedTools.includes(tool) || mentions(prompt, tool)) return {};
  return { prompt: `${prompt}\n\n${sentence}` };
}

function allowed({ active: { toolPolicy } }: Case, tool: string): SuggestedChange {
  const { allowedTools, blockedTools } = toolPolicy;
  if (allowedTools.length === 0 || allowedTools.includes(tool) || blockedTools.includes(tool)) return {};
  return { toolPolicy: { blockedTools, allowedTools: [...allowedTools, tool] } };
}

const limitLabels: Record<RunLimit, string> = {
  turns: 'model turns',
  toolCalls: 'tool calls',
  seconds: 'seconds',
  tokens: 'tokens',
};

/** The agent reached a limit of the run. A higher limit doesn't help an agent in a loop. */
export function limitHit(of: Case): Cause[] {
  const { limitHit: limit } = of.run;
  if (limit === null) return [];
  const events = listEvents(of, 'limit');
  const loop = repeated(of.calls);
  const { limits } = of.active;
  const most = limitsSchema.shape[limit].unwrap().maxValue ?? Number.MAX_SAFE_INTEGER;
  const raised = Math.min(Math.max(of.definition.limits[limit] * 2, limits[limit], 1), most);
  const summary = `The run reached its limit of ${of.definition.limits[limit]} ${limitLabels[limit]} before the agent was done.`;
  const [first] = loop;
  if (first)
    return [
      {
        kind: 'limit_hit',
        confidence: 0.9,
        summary: `${summary} The agent called \`${first.tool}\` ${loop.length} times with the same arguments: it loops.`,
        evidence: [...events, ...loop.map(({ index }) => toCallId(index))],
        remediation: `A higher limit won't help: find out why \`${first.tool}\` doesn't give the agent what it needs, or tell it in the prompt when to stop.`,
      },
    ];
  const canRaise = raised > limits[limit];
  return [
    {
      kind: 'limit_hit',
      confidence: 0.9,
      summary,
      evidence: events,
      remediation: canRaise
        ? `Raise the limit to ${raised} ${limitLabels[limit]}, or make the task smaller.`
        : 'Make the task smaller: split the workflow.',
      ...changeIfAny(canRaise ? { limits: { ...limits, [limit]: raised } } : {}),
    },
  ];
}

const loopsFrom = 4;

/** The calls of the most repeated kind, if they look like a loop. */
function repeated(calls: readonly ToolCall[]): ToolCall[] {
  const groups = Map.groupBy(calls, ({ tool, arguments: args }) => `${tool} ${compactJson(args)}`);
  const longest = [...groups.values()].reduce((best, group) => (group.length > best.length ? group : best), []);
  return longest.length >= loopsFrom ? longest : [];
}
