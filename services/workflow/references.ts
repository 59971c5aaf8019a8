import type { Warning } from '../../domain/error/error.ts';
import type { WorkflowDefinition } from '../../domain/workflow/definition.ts';
import { readScript } from '../../domain/workflow/script.ts';
import { offerableTools, type Surroundings, workflowWarnings } from '../../domain/workflow/warnings.ts';
import type { Db, Tx } from '../../infra/db/index.ts';
import type { Models } from '../../infra/models/index.ts';
import { fieldError } from '../context/errors.ts';

/**
 * Checks a definition against its server. References to archived objects only cause warnings.
 * @throws ArmatureError `mcp_server_not_found`, `auth_profile_not_found` for a reference into another organization, or
 *   to a profile of another server
 */
export async function checkReferences(
  db: Db | Tx,
  { orgId, definition, models }: { orgId: string; definition: WorkflowDefinition; models: Models },
): Promise<{
  warnings: Warning[];
  /** Whether the server was deleted. */
  serverArchived: boolean;
  /** Every tool name that the server offers; null while its catalog is unknown. */
  toolNames: Set<string> | null;
}> {
  const { serverId, authProfileId } = definition;
  // Sequential: a transaction has one connection.
  const server = await db.server.findFirst({
    where: { orgId, id: serverId },
    select: { archivedAt: true, syncedAt: true, hasResources: true },
  });
  if (!server)
    throw fieldError(
      'mcp_server_not_found',
      'serverId',
      'There is no such MCP server in this workspace.',
      'List the servers to find the right id.',
    );
  const profile =
    authProfileId === null
      ? null
      : await db.authProfile.findFirst({ where: { orgId, serverId, id: authProfileId }, select: { archivedAt: true } });
  if (authProfileId !== null && !profile)
    throw fieldError(
      'auth_profile_not_found',
      'authProfileId',
      'This MCP server has no such auth profile.',
      'List the servers to find the right id.',
    );
  const tools = await loadToolSurroundings(db, { orgId, definition });
  const around = { models: models.list(), server, profileExists: !profile?.archivedAt, ...tools };
  return {
    warnings: workflowWarnings(definition, around),
    serverArchived: server.archivedAt !== null,
    toolNames: offerableTools(around),
  };
}

/**
 * What is known of the server's tools, of a catalog of megabytes: names, and the schemas that the prompt's steps need.
 */
export async function loadToolSurroundings(
  db: Db | Tx,
  { orgId, definition: { serverId, prompt } }: { orgId: string; definition: WorkflowDefinition },
): Promise<Pick<Surroundings, 'activeTools' | 'stepSchemas' | 'removedTools'>> {
  const tools = await db.catalogTool.findMany({
    where: { orgId, serverId },
    orderBy: { name: 'asc' },
    select: { name: true, active: true },
  });
  const named = (active: boolean) => tools.filter((tool) => tool.active === active).map(({ name }) => name);
  const steps = readScript(prompt, new Set(named(true)));
  const called = await db.catalogTool.findMany({
    where: { orgId, serverId, active: true, name: { in: [...new Set(steps.map(({ tool }) => tool))] } },
    select: { name: true, inputSchema: true },
  });
  return {
    activeTools: named(true),
    stepSchemas: new Map(called.map(({ name, inputSchema }) => [name, inputSchema])),
    removedTools: named(false),
  };
}
