import { ArmatureError } from '../../domain/error/error.ts';
import type { Db } from '../../infra/db/index.ts';

/** @throws ArmatureError `mcp_server_not_found` */
export async function requireServer(db: Db, where: { orgId: string; id: string }): Promise<void> {
  if (!(await db.server.findFirst({ where, select: { id: true } }))) throw serverNotFound();
}

export const serverNotFound = (): ArmatureError =>
  new ArmatureError(
    'mcp_server_not_found',
    'There is no such MCP server in this workspace.',
    'List the servers to find the right id.',
  );

export const serverArchived = (): ArmatureError =>
  new ArmatureError(
    'mcp_server_archived',
    'This MCP server was deleted: it is not called any more, and its credentials are destroyed.',
    'Connect the server again, or choose another one.',
  );

const repair =
  'Enter them again on the page of the server, or ask the operator to set the earlier key as ARMATURE_SECRETS_PREVIOUS_KEYS.';

/** @param profile null: the header and query values of the server itself. */
export const credentialsUnreadable = (server: string, profile: string | null): ArmatureError =>
  new ArmatureError(
    'auth_profile_not_found',
    `${profile === null ? 'The header and query values' : `The credentials of the auth profile "${profile}"`} of the MCP server "${server}" can't be read: they were stored with another key, or are damaged.`,
    repair,
  );

export const profileNotFound = (): ArmatureError =>
  new ArmatureError(
    'auth_profile_not_found',
    'This MCP server has no such auth profile.',
    'Choose one of the profiles on the page of the server.',
  );
