import { diffProperties } from '../../domain/code/properties.ts';
import type { CodeWorkflow } from '../../domain/code/schema.ts';
import { compactWorkflow, type FullWorkflow, fillWorkflow, toDefinition } from '../../domain/code/workflow.ts';
import { sameJson } from '../../domain/json/json.ts';
import type { WorkflowDefinition } from '../../domain/workflow/definition.ts';
import { listFieldErrors } from '../context/errors.ts';
import { applyChanges, completeDefinition, definitionInput } from '../workflow/definition.ts';
import { claimId, eachItem, type Planning, serverOfFile, toLeftover } from './planning.ts';
import { resolveProfile } from './resolve.ts';
import type { WorkflowItem, WorkspaceState } from './state.ts';
import type { WorkflowStep } from './steps.ts';

/** What has to be done to the workflows of a workspace, so that they are as the files say. */
export function planWorkflows(planning: Planning): WorkflowStep[] {
  const { state } = planning;
  const bySlug = new Map(state.workflows.map((item) => [item.row.slug, item]));
  const named = new Map<string, string>();
  const steps = eachItem(planning, 'workflows').flatMap(({ file, item, field }): WorkflowStep[] => {
    if (!claimId(planning, named, { id: item.id, field })) return [];
    const current = bySlug.get(item.id) ?? null;
    const wanted = read(planning, { file, item, field, current });
    return wanted ? toStep(state, { current, field, ...wanted }) : [];
  });
  const others = state.workflows.filter(({ row }) => !named.has(row.slug));
  return [
    ...steps,
    ...toLeftover(planning, 'workflows', others, ({ row }) => ({ kind: 'workflow', id: row.slug, name: row.name })).map(
      ({ item, change }): WorkflowStep => ({
        kind: 'workflow',
        change: { ...change, baseVersion: item.row.activeVersionId },
        current: item,
        next: null,
      }),
    ),
  ];
}

type Given = {
  file: number;
  item: CodeWorkflow;
  field: string;
  current: WorkflowItem | null;
};

/** The definition that a file asks for; null with a problem. */
function read(
  planning: Planning,
  { file, item, field, current }: Given,
): { full: FullWorkflow; definition: WorkflowDefinition } | null {
  const { state, problems } = planning;
  const serverId = serverOfFile(planning, file, current?.definition.serverId);
  if (serverId === null) return null;
  const { testerModels, judgeModel } = current?.definition ?? planning.modelDefaults;
  const full = fillWorkflow(item, planning.files[file]?.file.defaults, { models: testerModels, judge: judgeModel });
  const authProfileId =
    full.authProfile === null
      ? null
      : resolveProfile(
          state,
          { serverId, name: full.authProfile },
          { field: `${field}.authProfile`, current: current?.definition.authProfileId, problems },
        );
  if (authProfileId === undefined) return null;
  const given = toDefinition(full, { serverId, authProfileId });
  const parsed = definitionInput.safeParse(given);
  if (!parsed.success) {
    problems.push(...listFieldErrors(parsed.error, [field]));
    return null;
  }
  return {
    full,
    definition: current
      ? applyChanges(current.definition, given)
      : completeDefinition(parsed.data, planning.modelDefaults),
  };
}

function toStep(
  { servers }: WorkspaceState,
  {
    current,
    field,
    full,
    definition,
  }: { current: WorkflowItem | null; field: string; full: FullWorkflow; definition: WorkflowDefinition },
): WorkflowStep[] {
  const shown = (item: CodeWorkflow | FullWorkflow, serverId: string) => {
    const { id: _, repeat: _repeat, ...rest } = item;
    return { server: servers.find(({ id }) => id === serverId)?.name ?? serverId, ...rest };
  };
  const properties = current
    ? diffProperties(shown(current.full, current.definition.serverId), shown(full, definition.serverId))
    : diffProperties(null, shown(compactWorkflow(full), definition.serverId));
  if (current && properties.length === 0 && sameJson(current.definition, definition)) return [];
  return [
    {
      kind: 'workflow',
      change: {
        kind: 'workflow',
        id: full.id,
        name: full.name,
        action: current ? 'change' : 'create',
        field,
        baseVersion: current?.row.activeVersionId ?? null,
        properties,
      },
      current,
      next: { definition, slug: full.id, tags: full.tags },
    },
  ];
}
