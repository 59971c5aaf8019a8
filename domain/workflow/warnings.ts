import { describeCriterion, validateAssertionTools } from '../assertion/criterion.ts';
import { writeToolName } from '../catalog/write-tool-name.ts';
import type { Warning } from '../error/error.ts';
import type { WorkflowDefinition } from './definition.ts';
import { scriptWarnings } from './script-warnings.ts';
import { policyWarnings } from './tool-policy.ts';

/** A model that can be chosen. */
export type KnownModel = { id: string; provider: string; tester: boolean; judge: boolean; keySet: boolean };

/** What a definition is checked against. */
export type Surroundings = {
  models: readonly KnownModel[];
  server: { archivedAt: Date | null; syncedAt: Date | null; hasResources: boolean };
  /** Whether its auth profile still exists. */
  profileExists: boolean;
  /** Names of the catalog's active tools, and of former ones. */
  activeTools: readonly string[];
  /** Input schemas of the active tools that the prompt's steps call. */
  stepSchemas: ReadonlyMap<string, unknown>;
  removedTools: readonly string[];
};

/** The agent's tools beside those of the server (agent/tool-list.ts). */
const resourceTools = ['list_resources', 'read_resource'];

/** Warnings about a definition that can't run or pass as intended. They never block a save. */
export function workflowWarnings(definition: WorkflowDefinition, around: Surroundings): Warning[] {
  return [
    ...serverWarnings(around),
    ...modelWarnings(definition, around.models),
    ...judgeWarnings(definition),
    ...catalogWarnings(definition, around),
    ...scriptWarnings(definition, { names: offerableTools(around), schemas: around.stepSchemas }),
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

/** Problems of a definition's models: `model_unknown`, `model_without_key`, `model_unsuitable`. */
export function modelWarnings(
  { testerModels, judgeModel }: WorkflowDefinition,
  known: readonly KnownModel[],
): Warning[] {
  const problem = (id: string, part: 'tester' | 'judge', field: string): Warning[] => {
    const model = known.find((entry) => entry.id === id);
    if (!model)
      return [
        {
          code: 'model_unknown',
          message: `There is no model "${id}": runs will end in an error. Choose another one, or add its provider in Settings → Models.`,
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
            message: "The judge model reads only assertions, and this line isn't one: runs will end in an error.",
            field: `criteria[${index}].text`,
          },
        ],
  );
}

/** All tool names that the agent can have with a server; null while the catalog is unknown. */
export function offerableTools({
  server,
  activeTools,
}: Pick<Surroundings, 'server' | 'activeTools'>): Set<string> | null {
  return server.syncedAt ? new Set([...activeTools, ...(server.hasResources ? resourceTools : [])]) : null;
}

function catalogWarnings({ toolPolicy, criteria }: WorkflowDefinition, around: Surroundings): Warning[] {
  const names = offerableTools(around);
  if (!names) {
    const message = 'The tools of this server are not known yet, so tool names could not be checked. Sync its catalog.';
    return [{ code: 'catalog_unknown', message, field: 'serverId' }];
  }
  const removed = around.removedTools.filter((tool) => !names.has(tool));
  const missing = criteria.flatMap(({ text }, index): Warning[] => {
    const grading = describeCriterion(text);
    const mentioned =
      grading.by === 'assertion'
        ? validateAssertionTools(grading.assertion).filter((tool) => !names.has(tool))
        : removed.filter((tool) => mentions(text, tool));
    return mentioned.map((tool) => ({
      code: 'criterion_mentions_missing_tool',
      message: `The server has no active tool named "${tool}".`,
      field: `criteria[${index}].text`,
    }));
  });
  return [...policyWarnings(toolPolicy, names), ...missing];
}

/**
 * Whether a text mentions a tool: its name in backticks, or a name that isn't a plain word (`get_order`, not `search`).
 */
function mentions(text: string, tool: string): boolean {
  if (text.includes(writeToolName(tool))) return true;
  if (!/[_.\-/\d]|[a-z][A-Z]/.test(tool)) return false;
  return text.split(/[^\w.\-/]+/).some((word) => word.replace(/\.+$/, '') === tool);
}
