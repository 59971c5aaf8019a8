import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { sampleArguments } from '../../domain/schema/samples.ts';
import { type WorkflowDefinition, workflowDefinition } from '../../domain/workflow/definition.ts';
import { newId } from '../context/ids.ts';
import { useCase } from '../context/use-case.ts';
import { serverArchived, serverNotFound } from '../server/errors.ts';

/**
 * A definition that exercises one tool, to be finished in the editor: nothing is saved. Its prompt is a script where no provider is set
 * up, else plain English; the best models that are there are chosen. The server's words about the tool are left out of it.
 * @throws ArmatureError `mcp_server_not_found`, `mcp_server_archived`, `resource_not_found`: no such active tool
 */
export const draftForTool = useCase({
  name: 'coverage.draft_for_tool',
  access: 'viewer',
  input: z.object({ serverId: z.uuid(), tool: z.string().min(1).max(200) }),
  async run({ db, orgId, models }, { serverId, tool }): Promise<{ definition: WorkflowDefinition }> {
    const server = await db.server.findFirst({ where: { orgId, id: serverId }, select: { archivedAt: true } });
    if (!server) throw serverNotFound();
    if (server.archivedAt) throw serverArchived();
    const found = await db.catalogTool.findFirst({ where: { orgId, serverId, name: tool, active: true } });
    if (!found)
      throw new ArmatureError(
        'resource_not_found',
        'This MCP server has no such active tool.',
        'Look at its coverage report for the tools that it has now.',
      );
    const known = models.list().filter(({ keySet }) => keySet);
    // A configured provider can do more than the built-in models, which stand first.
    const tester = known.findLast((model) => model.tester);
    const judge = known.findLast((model) => model.judge);
    const named = `\`${tool}\``;
    const step = `call ${named} ${JSON.stringify(sampleArguments(found.inputSchema))}`;
    return {
      definition: workflowDefinition.parse({
        name: `Exercise ${tool}`.slice(0, 200),
        serverId,
        testerModels: tester ? [tester.id] : [],
        judgeModel: judge?.id ?? '',
        prompt: tester?.builtin
          ? step
          : `Do something that a user of this server needs the tool ${named} for, with realistic arguments, and report what came of it.`,
        criteria: [`calls ${named}`, 'no tool call fails'].map((text) => ({ id: newId(), text })),
        toolPolicy: { allowedTools: [tool] },
      }),
    };
  },
});
