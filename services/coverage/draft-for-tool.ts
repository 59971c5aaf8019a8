import { z } from 'zod';
import { toolName } from '../../domain/catalog/tool-name.ts';
import { ArmatureError } from '../../domain/error/error.ts';
import { givenId } from '../../domain/values/id.ts';
import { type WorkflowDefinition, workflowDefinition } from '../../domain/workflow/definition.ts';
import { draftTest } from '../../domain/workflow/draft.ts';
import { newId } from '../context/ids.ts';
import { useCase } from '../context/use-case.ts';
import { loadModels } from '../model/load.ts';
import { findSettings } from '../organization/settings.ts';
import { serverArchived, serverNotFound } from '../server/errors.ts';

/**
 * Drafts a workflow that exercises one tool, for the editor; saves nothing. Without a model provider, its prompt is a
 * script. It leaves out the tool's description, which is untrusted.
 * @throws ArmatureError `mcp_server_not_found`, `mcp_server_archived`, `resource_not_found` (no such tool)
 */
export const draftForTool = useCase({
  name: 'coverage.draft_for_tool',
  access: 'viewer',
  input: z.object({ serverId: givenId, tool: toolName }),
  async run({ ctx, db, orgId }, { serverId, tool }): Promise<{ definition: WorkflowDefinition }> {
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
    const models = await loadModels(ctx.deps, orgId);
    const { defaultTesterModels, defaultJudgeModel } = await findSettings(db, orgId);
    const available = models.list().filter(({ keySet }) => keySet);
    // Without a default of the workspace, the last model is preferred: configured providers can do more than the
    // built-in models, which come first.
    const tester =
      available.find(({ id }) => id === defaultTesterModels[0]) ?? available.findLast((model) => model.tester);
    const judge = available.find(({ id }) => id === defaultJudgeModel) ?? available.findLast((model) => model.judge);
    const { prompt, criteria } = draftTest([row], { isScripted: tester?.builtin === true });
    return {
      definition: workflowDefinition.parse({
        name: `Exercise ${tool}`.slice(0, 200),
        serverId,
        testerModels: tester ? [tester.id] : [],
        judgeModel: judge?.id ?? '',
        prompt,
        criteria: criteria.map((text) => ({ id: newId(), text })),
        toolPolicy: { allowedTools: [tool] },
      }),
    };
  },
});
