import type { Warning } from '../error/error.ts';
import type { ToolPolicy } from './definition.ts';

export const toolPolicyVerdicts = ['allowed', 'blocked', 'not_offered'] as const;
export type ToolPolicyVerdict = (typeof toolPolicyVerdicts)[number];

/**
 * The agent's tools, in the server's order. A non-empty `allowedTools` is the whole list. Without one, blocked tools
 * stay visible: not calling them is part of the test.
 */
export function offeredTools<T extends { name: string }>(policy: ToolPolicy, tools: readonly T[]): T[] {
  if (policy.allowedTools.length === 0) return [...tools];
  const allowed = new Set(policy.allowedTools);
  return tools.filter(({ name }) => allowed.has(name));
}

/**
 * Decides on a call. `offeredNames`: all tools of the agent, with resource tools. `blocked` wins over `not_offered`.
 */
export function judgeTool(policy: ToolPolicy, offeredNames: Iterable<string>, tool: string): ToolPolicyVerdict {
  if (policy.blockedTools.includes(tool)) return 'blocked';
  for (const name of offeredNames) if (name === tool) return 'allowed';
  return 'not_offered';
}

/** One warning for each policy entry that names no active tool of the catalog. Never blocks a save. */
export function policyWarnings(policy: ToolPolicy, activeToolNames: Iterable<string>): Warning[] {
  const active = new Set(activeToolNames);
  const missing = (list: 'allowedTools' | 'blockedTools', consequence: string): Warning[] =>
    policy[list].flatMap((tool, index) =>
      active.has(tool)
        ? []
        : [
            {
              code: 'policy_tool_missing',
              message: `The server has no active tool named "${tool}": ${consequence}`,
              field: `toolPolicy.${list}[${index}]`,
            },
          ],
    );
  return [
    ...missing('allowedTools', 'the agent will not be offered it.'),
    ...missing('blockedTools', 'blocking it has no effect.'),
  ];
}
