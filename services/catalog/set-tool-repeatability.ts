import { z } from 'zod';
import { toolName } from '../../domain/catalog/tool-name.ts';
import { ArmatureError } from '../../domain/error/error.ts';
import { givenId } from '../../domain/values/id.ts';
import { useCase } from '../context/use-case.ts';
import { lockServer } from '../server/lock.ts';

export const repeatabilities = ['read_only', 'idempotent', 'not_idempotent'] as const;

/**
 * Sets whether a tool call with an unknown outcome may be repeated. This overrides the server's own annotations; null
 * goes back to them.
 * @throws ArmatureError `mcp_server_not_found`, `mcp_server_archived`, `resource_not_found`
 */
export const setToolRepeatability = useCase({
  name: 'catalog.set_tool_repeatability',
  access: 'admin',
  input: z.object({
    serverId: givenId,
    tool: toolName,
    repeatability: z.enum(repeatabilities).nullable(),
  }),
  async run({ orgId, write }, { serverId, tool, repeatability }): Promise<void> {
    await write(
      async (tx) => {
        await lockServer(tx, { orgId, serverId });
        const { count } = await tx.catalogTool.updateMany({
          where: { orgId, serverId, name: tool },
          data: { repeatability },
        });
        if (count === 0)
          throw new ArmatureError(
            'resource_not_found',
            `The catalog of this server has no tool "${tool}".`,
            "Choose one of the tools on the server's page.",
          );
      },
      { subject: serverId, data: { tool, repeatability } },
    );
  },
});
