import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { useCase } from '../context/use-case.ts';
import { lockServer } from '../server/lock.ts';

export const repeatabilities = ['read_only', 'idempotent', 'not_idempotent'] as const;

/**
 * What people decide about repeating a call of a tool whose outcome is unknown, over the target's own claim; null leaves it to that.
 * @throws ArmatureError `mcp_server_not_found`, `mcp_server_archived`, `resource_not_found`
 */
export const setToolRepeatability = useCase({
  name: 'server.set_tool_repeatability',
  access: 'admin',
  input: z.object({
    serverId: z.uuid(),
    tool: z.string().min(1).max(512),
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
            'Choose one of the tools on the page of the server.',
          );
      },
      { subject: serverId, data: { tool, repeatability } },
    );
  },
});
