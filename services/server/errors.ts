import { ArmatureError } from '../../domain/error/error.ts';

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

export const profileNotFound = (): ArmatureError =>
  new ArmatureError(
    'auth_profile_not_found',
    'This MCP server has no such auth profile.',
    'Choose one of the profiles on the page of the server.',
  );
