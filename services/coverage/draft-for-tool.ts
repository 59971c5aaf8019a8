import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { sampleArguments } from '../../domain/schema/samples.ts';
import { type WorkflowDefinition, workflowDefinition } from '../../domain/workflow/definition.ts';
import { newId } from '../context/ids.ts';
import { useCase } from '../context/use-case.ts';
import { serverArchived, serverNotFound } from '../server/errors.ts';

/**
 * Drafts a workflow that exercises one tool, for the editor; saves nothing. Without a model provider, its prompt is a
 * script. It leaves out the tool's description, which is untrusted.
 * @throws ArmatureError `mcp_server_not_found`, `mcp_server_archived`, `resource_not_found` (no such tool)
 */
export const draftForTool = useCase({
  name: 'coverage.draft_for_tool',
  access: 'viewer',
  input: z.object({ serverId: z.uuid(), tool: z.string().min(1).max(200) }),
  async run({ db, orgId, models }, { serverId, tool }): Promise<{ definition: WorkflowDefinition }> {
    const server = await db.server.findFirst({ where: { orgId, id: serverId }, select: { archivedAt: true } });
    if (!server) throw serverNotFound();
    if (server.archivedAt) throw serverArchived();
    const row = await db.catalogTool.findFirst({ where: { orgId, serverId, name: tool, active: true } });
    if (!row)
      throw new ArmatureError(
        'resource_not_found',
        `This MCP server has no active tool "${tool}".`,
        'Choose one of the tools in its coverage report.',
      );
    const available = models.list().filter(({ keySet }) => keySet);
    // The last model is preferred: configured providers can do more than the built-in models, which come first.
    const tester = available.findLast((model) => model.tester);
    const judge = available.findLast((model) => model.judge);
    const toolName = `\`${tool}\``;
    const step = `call ${toolName} ${JSON.stringify(sampleArguments(row.inputSchema))}`;
    return {
      definition: workflowDefinition.parse({
        name: `Exercise ${tool}`.slice(0, 200),
        serverId,
        testerModels: tester ? [tester.id] : [],
        judgeModel: judge?.id ?? '',
        prompt: tester?.builtin
          ? step
          : `Do something for which a user of this server needs the tool ${toolName}, with realistic arguments, and report the result.`,
        criteria: [`calls ${toolName}`, 'no tool call fails'].map((text) => ({ id: newId(), text })),
        toolPolicy: { allowedTools: [tool] },
      }),
    };
  },
});
