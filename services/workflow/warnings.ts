import { describeCriterion, validateAssertionTools } from '../../domain/assertions.ts';
import type { Warning } from '../../domain/error.ts';
import { policyWarnings } from '../../domain/tool-policy.ts';
import type { WorkflowDefinition } from '../../domain/workflow-spec.ts';
import type { ModelEntry, Models } from '../../infra/models/index.ts';

/** What a definition is held against. Null `server`: there is none. */
export type Surroundings = {
  models: Models;
  server: { archivedAt: Date | null; syncedAt: Date | null; hasResources: boolean };
  /** Whether the profile it names is still there. */
  profileExists: boolean;
  /** Names of the catalog's active tools. */
  activeTools: readonly string[];
};

/** What the agent is offered beside a server's tools (agent/offer.ts). */
const resourceTools = ['list_resources', 'read_resource'];

/** What will keep a definition from running or passing as it is meant. Never blocks a save. */
export function workflowWarnings(definition: WorkflowDefinition, around: Surroundings): Warning[] {
  return [
    ...serverWarnings(around),
    ...modelWarnings(definition, around.models.list()),
    ...judgeWarnings(definition),
    ...catalogWarnings(definition, around),
  ];
}

function serverWarnings({ server, profileExists }: Surroundings): Warning[] {
  if (server.archivedAt)
    return [
      {
        code: 'mcp_server_archived',
        message: 'Its MCP server was deleted: runs will end in an error. Choose another server.',
        field: 'serverId',
      },
    ];
  if (profileExists) return [];
  return [
    {
      code: 'auth_profile_archived',
      message: 'Its auth profile was deleted: runs will end in an error. Choose another profile.',
      field: 'authProfileId',
    },
  ];
}

function modelWarnings({ testerModels, judgeModel }: WorkflowDefinition, known: readonly ModelEntry[]): Warning[] {
  const problem = (id: string, part: 'tester' | 'judge', field: string): Warning[] => {
    const model = known.find((entry) => entry.id === id);
    if (!model)
      return [
        {
          code: 'model_unknown',
          message: `There is no model "${id}": runs will end in an error. Choose another one, or add it to ARMATURE_MODELS.`,
          field,
        },
      ];
    if (!model.keySet)
      return [
        {
          code: 'model_without_key',
          message: `The provider "${model.provider}" of "${id}" has no key: runs will end in an error until it is set.`,
          field,
        },
      ];
    if (model[part]) return [];
    return [{ code: 'model_unsuitable', message: `"${id}" can't be used as the ${part} model.`, field }];
  };
  return [
    ...testerModels.flatMap((id, index) => problem(id, 'tester', `testerModels[${index}]`)),
    ...problem(judgeModel, 'judge', 'judgeModel'),
  ];
}

function judgeWarnings({ criteria, judgeModel }: WorkflowDefinition): Warning[] {
  if (judgeModel !== 'builtin/assertions') return [];
  return criteria.flatMap(({ text }, index) =>
    describeCriterion(text).by === 'assertion'
      ? []
      : [
          {
            code: 'criterion_not_an_assertion',
            message: 'The judge model reads only assertions, and this line is none: runs will end in an error.',
            field: `criteria[${index}].text`,
          },
        ],
  );
}

function catalogWarnings(
  { toolPolicy, criteria }: WorkflowDefinition,
  { server, activeTools }: Surroundings,
): Warning[] {
  if (!server.syncedAt) {
    const message = 'The tools of this server are not known yet, so tool names could not be checked. Sync its catalog.';
    return [{ code: 'catalog_unknown', message, field: 'serverId' }];
  }
  const names = new Set([...activeTools, ...(server.hasResources ? resourceTools : [])]);
  const missing = criteria.flatMap(({ text }, index): Warning[] => {
    const grading = describeCriterion(text);
    if (grading.by !== 'assertion') return [];
    return validateAssertionTools(grading.assertion)
      .filter((tool) => !names.has(tool))
      .map((tool) => ({
        code: 'assertion_tool_missing',
        message: `The server has no active tool named "${tool}".`,
        field: `criteria[${index}].text`,
      }));
  });
  return [...policyWarnings(toolPolicy, names), ...missing];
}
