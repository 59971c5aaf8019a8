import { diffCatalog } from '../../domain/catalog/diff.ts';
import { findImpact } from '../../domain/catalog/impact.ts';
import type { McpTargets } from '../../infra/mcp-target/index.ts';
import { type Catalog, readCatalog } from '../catalog-file.ts';
import { incompleteError, usageError } from '../exit.ts';
import type { Io } from '../io.ts';
import type { Planned } from './plan.ts';

/**
 * The workflows whose id or name matches, and that have one of the tags.
 * @throws CommandError where none does, so that a misspelled filter isn't a passed test
 */
export function selectWorkflows(
  workflows: readonly Planned[],
  { grep, tag = [] }: { grep?: string; tag?: readonly string[] },
): Planned[] {
  const pattern = grep === undefined ? null : toPattern(grep);
  const selected = workflows.filter(
    ({ id, name, tags }) =>
      (pattern === null || pattern.test(id) || pattern.test(name)) &&
      (tag.length === 0 || tag.some((each) => tags.includes(each))),
  );
  if (selected.length > 0) return selected;
  throw usageError(workflows.length === 0 ? 'The files have no workflows.' : 'No workflow matches --grep and --tag.');
}

function toPattern(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch (error) {
    throw usageError(`--grep is not a regular expression: ${error instanceof Error ? error.message : ''}`);
  }
}

/** The workflows that use a tool which differs now from an earlier catalog. @throws CommandError */
export async function selectChanged(
  io: Io,
  workflows: readonly Planned[],
  { targets, file }: { targets: McpTargets; file: string },
): Promise<Planned[]> {
  const before = await readCatalog(io, file, {});
  const urls = new Map(workflows.map((workflow) => [workflow.endpoint.url, workflow.endpoint]));
  const changed = new Map(
    await Promise.all(
      [...urls].map(async ([url, endpoint]) => {
        const probed = await targets.probe(endpoint, { signal: io.signal });
        if (!probed.ok) throw incompleteError(`${probed.failure.message} ${probed.failure.remediation}`);
        return [url, listChangedTools(before, probed.tools)] as const;
      }),
    ),
  );
  return workflows.filter((workflow) => usesAny(workflow, changed.get(workflow.endpoint.url) ?? []));
}

const listChangedTools = (before: Catalog, now: Parameters<typeof diffCatalog>[1]): string[] => [
  ...new Set(diffCatalog(before.tools, now).map(({ tool }) => tool)),
];

/** Whether the prompt, a criterion or the tool policy of a workflow names one of the tools. */
export const usesAny = (workflow: UsingWorkflow, tools: readonly string[]): boolean =>
  tools.some((tool) => {
    const { workflows, policies } = findImpact(tool, { workflows: [toUse(workflow)], monitors: [] });
    return workflows.length + policies.length > 0;
  });

type UsingWorkflow = Pick<Planned, 'id' | 'name'> & {
  definition: Pick<Planned['definition'], 'prompt' | 'criteria' | 'toolPolicy'>;
};

const toUse = ({ id, name, definition }: UsingWorkflow) => ({
  id,
  name,
  prompt: definition.prompt,
  criteria: definition.criteria.map(({ text }) => text),
  ...definition.toolPolicy,
  called: new Set<string>(),
});
