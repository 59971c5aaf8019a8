import { toCallId, toEventId } from '../run/ids.ts';
import type { WorkflowDefinition } from '../workflow/definition.ts';
import {
  type Case,
  type Cause,
  changeIfAny,
  getAssertion,
  mentions,
  renamed,
  renamedCriterion,
  type SuggestedChange,
  toolsOfCriterion,
} from './facts.ts';

/** A tool that the workflow relies on was missing in the run: gone or renamed. */
export function toolMissing(of: Case): Cause[] {
  return missingTools(of).map((tool) => {
    const refused = of.calls.filter((call) => call.tool === tool && call.outcome !== 'ok');
    const about = of.failing.filter(({ text }) => toolsOfCriterion(text, [tool]).includes(tool));
    const connected = of.events.findLast(({ type }) => type === 'connected');
    const evidence = [
      ...refused.map(({ index }) => toCallId(index)),
      ...about.map(({ criterionId }) => criterionId),
      ...(connected ? [toEventId(connected.seq)] : []),
    ];
    const asked = refused.length > 0 ? 'The agent called' : 'The workflow relies on';
    if (of.currentNames?.has(tool))
      return {
        kind: 'tool_missing_or_renamed' as const,
        confidence: 0.8,
        summary: `${asked} \`${tool}\`, which the server did not advertise when the run looked; it does again now.`,
        evidence,
        remediation: 'Run the workflow again: the tool is back.',
      };
    const successor = of.findSuccessor(tool);
    if (!successor)
      return {
        kind: 'tool_missing_or_renamed' as const,
        confidence: refused.length > 0 || about.length > 0 ? 0.85 : 0.6,
        summary: `${asked} \`${tool}\`, which the server no longer advertises; no current tool resembles it.`,
        evidence,
        remediation: `Ask the server's owner what became of \`${tool}\`, or take it out of prompt, criteria and policy.`,
      };
    return {
      kind: 'tool_missing_or_renamed' as const,
      confidence: Math.min(0.97, 0.6 + 0.4 * successor.similarity),
      summary: `${asked} \`${tool}\`, which the server no longer advertises. It is most likely called \`${successor.name}\` now (similarity ${successor.similarity}).`,
      evidence,
      remediation: `Use \`${successor.name}\` instead of \`${tool}\` in prompt, criteria and tool policy, then run the workflow again.`,
      ...changeIfAny(renameTool(of.active, tool, successor.name)),
    };
  });
}

/** With more missing tools than this, the server is a different one. */
const maxMissing = 20;

/** Tools that were called, allowed, asserted or named, but that the run did not see. */
function missingTools(of: Case): string[] {
  const { seenNames, definition, calls } = of;
  const isMissing = (name: string): boolean => {
    if (seenNames) return !seenNames.has(name);
    return of.currentNames !== null && !of.currentNames.has(name);
  };
  const called = calls.filter(({ outcome }) => outcome === 'not_offered' || outcome === 'rpc_error').map(getName);
  // A blocked tool that is gone breaks nothing.
  const asserted = of.failing.flatMap(({ text }) => {
    const assertion = getAssertion(text);
    return assertion?.kind === 'never_calls' ? [] : toolsOfCriterion(text, goneNames(of));
  });
  const steps = [...definition.prompt.matchAll(/^\s*call\s+(\S+)/gm)].flatMap(([, name]) => name ?? []);
  const named = goneNames(of).filter((name) => mentions(definition.prompt, name));
  const all = [...called, ...asserted, ...definition.toolPolicy.allowedTools, ...steps, ...named];
  return [...new Set(all)].filter(isMissing).slice(0, maxMissing);
}

const getName = ({ tool }: { tool: string }): string => tool;

function goneNames({ goneTools, lastPassing, seenTools }: Case): string[] {
  const names = [...goneTools, ...(lastPassing?.tools ?? [])].map(({ name }) => name);
  const seen = new Set(seenTools?.map(({ name }) => name));
  return [...new Set(names)].filter((name) => !seen.has(name));
}

/** Prompt, criteria and policy with a tool under its new name; only what changes. */
export function renameTool(definition: WorkflowDefinition, from: string, to: string): SuggestedChange {
  const { prompt, criteria, toolPolicy } = definition;
  const rewritten = renamed(prompt, from, to);
  const swap = (tools: readonly string[]) => [...new Set(tools.map((tool) => (tool === from ? to : tool)))];
  const policy = { allowedTools: swap(toolPolicy.allowedTools), blockedTools: swap(toolPolicy.blockedTools) };
  // A tool that is now allowed under its new name can't stay blocked under it.
  policy.blockedTools = policy.blockedTools.filter((tool) => !policy.allowedTools.includes(tool));
  const listed = [...toolPolicy.allowedTools, ...toolPolicy.blockedTools].includes(from);
  const updates = criteria.flatMap(({ text }, position) => {
    const now = renamedCriterion(text, from, to);
    return now === text ? [] : [{ op: 'update' as const, position, text: now }];
  });
  return {
    ...(rewritten !== prompt && { prompt: rewritten }),
    ...(listed && { toolPolicy: policy }),
    ...(updates.length > 0 && { criteria: updates }),
  };
}
