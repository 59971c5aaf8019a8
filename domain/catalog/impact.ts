/** How a workflow's active version uses the tools of its server. */
export type WorkflowUse = {
  id: string;
  name: string;
  prompt: string;
  criteria: readonly string[];
  allowedTools: readonly string[];
  blockedTools: readonly string[];
  /** Tools that its latest runs called. */
  called: ReadonlySet<string>;
};
export type MonitorUse = { id: string; name: string; tool: string };

export type ChangeImpact = {
  /** `prompt`, `criteria`: they name the tool; `runs`: one of the latest runs called it. */
  workflows: { id: string; name: string; because: ('prompt' | 'criteria' | 'runs')[] }[];
  monitors: { id: string; name: string }[];
  /** Workflows whose tool policy names it. */
  policies: { workflowId: string; name: string; list: 'allowed' | 'blocked' }[];
};

/** Finds the workflows and policies that a change of a tool affects. */
export function findImpact(
  tool: string,
  { workflows, monitors }: { workflows: readonly WorkflowUse[]; monitors: readonly MonitorUse[] },
): ChangeImpact {
  return {
    workflows: workflows.flatMap(({ id, name, prompt, criteria, called }) => {
      const because = [
        ...(names(prompt, tool) ? (['prompt'] as const) : []),
        ...(criteria.some((line) => names(line, tool)) ? (['criteria'] as const) : []),
        ...(called.has(tool) ? (['runs'] as const) : []),
      ];
      return because.length > 0 ? [{ id, name, because }] : [];
    }),
    monitors: monitors.filter((monitor) => monitor.tool === tool).map(({ id, name }) => ({ id, name })),
    policies: workflows.flatMap(({ id, name, allowedTools, blockedTools }) => [
      ...(allowedTools.includes(tool) ? [{ workflowId: id, name, list: 'allowed' as const }] : []),
      ...(blockedTools.includes(tool) ? [{ workflowId: id, name, list: 'blocked' as const }] : []),
    ]),
  };
}

const isWord = (character: string | undefined): boolean => character !== undefined && /[\w-]/.test(character);

/** Whether a text contains a tool's name as a whole word: `get_order` is not in `get_orders`. */
function names(text: string, tool: string): boolean {
  if (tool === '') return false;
  for (let at = text.indexOf(tool); at !== -1; at = text.indexOf(tool, at + 1))
    if (!isWord(text[at - 1]) && !isWord(text[at + tool.length])) return true;
  return false;
}
