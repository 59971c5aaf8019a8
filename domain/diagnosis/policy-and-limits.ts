import { compactJson, toEntries } from '../json/json.ts';
import { toCallId } from '../run/ids.ts';
import type { RunLimit, ToolCall } from '../run/run.ts';
import { toolsToCall } from '../workflow/contradictions.ts';
import type { Limits, WorkflowDefinition } from '../workflow/definition.ts';
import { readScript } from '../workflow/script.ts';
import { type Case, type Cause, quoted } from './facts.ts';
import { listEvents, raisedSeconds } from './target-failures.ts';

/** Calls that policy refused: of a blocked tool, or of a tool that policy doesn't allow. */
export function policyViolation(of: Case): Cause[] {
  const isKnown = ({ tool }: ToolCall) =>
    of.seenTools !== null && of.toolAsSeen(tool) !== undefined && of.seenTools.some(({ name }) => name === tool);
  const refused = of.calls.filter(
    (call) => call.outcome === 'blocked' || (call.outcome === 'not_offered' && isKnown(call)),
  );
  const wanted = wantedTools(of.definition, of);
  const allowed = new Set(toolsToAllow(of));
  const groups = Map.groupBy(refused, ({ tool, outcome }) => `${outcome} ${tool}`);
  return [...groups.values()].flatMap((calls): Cause[] => {
    const [first] = calls;
    if (!first) return [];
    const { tool, outcome } = first;
    const evidence = [
      ...calls.map(({ index }) => toCallId(index)),
      ...listEvents(of, 'policy_violation', (event) => event.tool === tool),
    ];
    const times = calls.length === 1 ? 'once' : `${calls.length} times`;
    const isWanted = wanted.has(tool);
    if (outcome === 'blocked')
      return [
        {
          kind: 'policy_violation',
          confidence: 0.97,
          summary: `The agent called the blocked tool \`${tool}\` ${times}${isWanted ? ', which the prompt or a criterion asks for' : ''}.`,
          evidence,
          remediation: isWanted
            ? `Prompt and policy contradict each other about \`${tool}\`.`
            : `The agent must not use \`${tool}\`: this is a finding about the agent, or about the tool's description.`,
          decision: isWanted
            ? `Decide whether \`${tool}\` may be called, or whether the request for it has to go. Nothing unblocks a tool by itself.`
            : `Decide whether the prompt should say plainly that \`${tool}\` is off limits, or whether not calling it unasked is what is tested.`,
          tools: [tool],
        },
      ];
    return [
      {
        kind: 'policy_violation',
        confidence: isWanted ? 0.95 : 0.7,
        summary: `The agent called \`${tool}\` ${times}, which the server has and the tool policy does not offer.`,
        evidence,
        remediation: allowed.has(tool)
          ? `Add \`${tool}\` to the allowed tools: the prompt or a criterion needs it.`
          : `Make the prompt clearer about which tools to use, or allow \`${tool}\`.`,
        ...(!allowed.has(tool) && {
          decision: isDestructive(of, tool)
            ? `Decide whether the agent may call \`${tool}\`, which can destroy something.`
            : `Decide whether the task needs \`${tool}\`: no step and no criterion asks for it.`,
        }),
        tools: [tool],
      },
    ];
  });
}

/** Tools that a step calls or a criterion wants to be called. */
const wantedTools = ({ prompt, criteria }: WorkflowDefinition, of: Case): Set<string> =>
  new Set([
    ...readScript(prompt, of.currentNames ?? new Set()).map(({ tool }) => tool),
    ...toolsToCall(criteria).keys(),
  ]);

/** Existing tools that the active definition needs and does not allow, without those that can do harm. */
export function toolsToAllow(of: Case): string[] {
  const { allowedTools, blockedTools } = of.active.toolPolicy;
  if (allowedTools.length === 0) return [];
  return [...wantedTools(of.active, of)].filter(
    (tool) =>
      of.toolNow(tool) !== undefined &&
      !allowedTools.includes(tool) &&
      !blockedTools.includes(tool) &&
      !isDestructive(of, tool),
  );
}

const isDestructive = (of: Case, tool: string): boolean =>
  toEntries(of.toolNow(tool)?.annotations)?.get('destructiveHint') === true;

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
  const loop = of.isScripted ? [] : repeated(of.calls);
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
        tools: [first.tool],
      },
    ];
  const needed = neededLimits(of)[limit];
  const slow = of.lastPassing?.durationMs ?? null;
  const took =
    limit === 'seconds' && slow !== null ? ` The last passing run took ${Math.round(slow / 100) / 10} s.` : '';
  return [
    {
      kind: 'limit_hit',
      confidence: 0.9,
      summary: `${summary}${took}`,
      evidence: events,
      remediation:
        needed === undefined
          ? `Find out what took the agent so much more than it should${limit === 'seconds' ? `: ${describeSlow(of)}` : ''}.`
          : `Raise the limit to ${needed} ${limitLabels[limit]}: ${of.isScripted && limit !== 'seconds' ? 'the steps need as many' : 'the last passing run had as many'}.`,
      ...(needed === undefined && {
        decision: `Decide whether this task may take more than ${of.definition.limits[limit]} ${limitLabels[limit]}: if not, the test has found something, and a higher limit would hide it.`,
      }),
    },
  ];
}

/** The slowest calls of the run, in words. */
function describeSlow({ calls }: Case): string {
  const slow = calls
    .filter(({ latencyMs }) => latencyMs !== undefined)
    .sort((a, b) => (b.latencyMs ?? 0) - (a.latencyMs ?? 0))
    .slice(0, 3);
  return slow.length === 0
    ? 'no call was answered'
    : `the slowest calls were ${quoted([...new Set(slow.map(({ tool }) => tool))])}, up to ${slow[0]?.latencyMs} ms`;
}

/**
 * Higher limits for the active definition, where they can be known to be too low: the steps of a script need as many,
 * or somebody lowered them below what the last passing run used.
 */
export function neededLimits(of: Case): Partial<Limits> {
  const { active, lastPassing, run } = of;
  const { limits } = active;
  const late = of.calls.filter(({ outcome }) => outcome === 'timeout').map(({ tool }) => tool);
  const usual = lastPassing?.calls.flatMap(({ tool, latencyMs }) =>
    late.includes(tool) && latencyMs !== undefined ? [latencyMs] : [],
  );
  const callSeconds =
    late.length > 0 && run.limitHit !== 'seconds' ? raisedSeconds(of, usual?.length ? Math.max(...usual) : null) : null;
  const needed: Partial<Limits> = callSeconds === null ? {} : { toolCallSeconds: callSeconds };
  const { limitHit: limit } = run;
  if (limit === null || (!of.isScripted && repeated(of.calls).length > 0)) return needed;
  const steps = of.isScripted ? readScript(active.prompt, of.currentNames ?? new Set()).length : 0;
  const bySteps = limit === 'toolCalls' ? steps : limit === 'turns' ? steps + 1 : 0;
  if (of.isScripted && bySteps > limits[limit]) return { ...needed, [limit]: bySteps };
  const had = lastPassing?.definition.limits[limit] ?? 0;
  const used =
    limit === 'seconds'
      ? (lastPassing?.durationMs ?? 0) / 1000
      : limit === 'toolCalls'
        ? (lastPassing?.calls.length ?? 0)
        : 0;
  if (had > limits[limit] && used > limits[limit] / 2) return { ...needed, [limit]: had };
  // An agent whose passing runs came close to the limit needs some room.
  const isClose = limit !== 'tokens' && used > limits[limit] / 2 && limits[limit] === of.definition.limits[limit];
  return isClose && !of.isScripted ? { ...needed, [limit]: Math.min(limits[limit] * 2, most[limit]) } : needed;
}

const most = { turns: 200, toolCalls: 1000, seconds: 3600, tokens: 10_000_000 } as const;

const loopsFrom = 4;

/** The calls of the most repeated kind, if they look like a loop. */
function repeated(calls: readonly ToolCall[]): ToolCall[] {
  const groups = Map.groupBy(calls, ({ tool, arguments: args }) => `${tool} ${compactJson(args)}`);
  const longest = [...groups.values()].reduce((best, group) => (group.length > best.length ? group : best), []);
  return longest.length >= loopsFrom ? longest : [];
}
