import type { Warning } from '../../domain/error/error.ts';
import type { WorkflowDefinition } from '../../domain/workflow/definition.ts';
import { offerableTools, workflowWarnings } from '../../domain/workflow/warnings.ts';
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
  const tools = await db.catalogTool.findMany({ where: { orgId, serverId }, select: { name: true, active: true } });
  const named = (active: boolean) => tools.filter((tool) => tool.active === active).map(({ name }) => name);
  const around = {
    models: models.list(),
    server,
    profileExists: !profile?.archivedAt,
    activeTools: named(true),
    removedTools: named(false),
  };
  return {
    warnings: workflowWarnings(definition, around),
    serverArchived: server.archivedAt !== null,
    toolNames: offerableTools(around),
  };
}
