import type { Client } from '@modelcontextprotocol/client';
import type { LimitFunction } from 'p-limit';
import type { Context } from '../../services/context/context.ts';
import { connectServer } from '../../services/server/connect.ts';
import { createWorkflow } from '../../services/workflow/create.ts';
import { getWorkflow } from '../../services/workflow/reading/get.ts';
import { saveWorkflow } from '../../services/workflow/save.ts';
import { createAgent, ToolFailure } from './agent.ts';
import type { OpenSubject } from './drive.ts';
import { scripted, toCriteria } from './fault.ts';

/**
 * Workflows of a workspace. People set them up by use cases; the agent uses the MCP tools through `client`.
 * @param of.probing a workspace may only probe two servers at once
 */
export const openInWorkspace =
  ({ ctx, client, probing }: { ctx: Context; client: Client; probing: LimitFunction }): OpenSubject =>
  async ({ name, url, criteria, ...definition }) => {
    const { serverId, probe } = await probing(() =>
      connectServer(ctx, { name, transport: 'streamable_http', url, auth: { kind: 'none' } }),
    );
    if (serverId === null) throw new Error(`The server was not connected: ${JSON.stringify(probe)}`);
    const {
      workflow: { id: workflowId },
    } = await createWorkflow(ctx, {
      definition: { name, serverId, ...scripted, ...definition, criteria: toCriteria(criteria) },
    });
    const agent = createAgent(client);
    return {
      run: (reason) => agent.run(workflowId, reason),
      async edit({ criteria: lines, ...changes }) {
        const { version } = await getWorkflow(ctx, { workflowId });
        await saveWorkflow(ctx, {
          workflowId,
          baseVersionId: version.id,
          changes: { ...changes, ...(lines && { criteria: toCriteria(lines) }) },
        });
      },
      definition: async () => (await getWorkflow(ctx, { workflowId })).definition,
      repair: () => agent.repair(workflowId),
      async pin(runId) {
        try {
          const pinnedId = await agent.pin(runId);
          return { run: (reason) => agent.run(pinnedId, reason) };
        } catch (error) {
          if (error instanceof ToolFailure) return { refusal: error.message };
          throw error;
        }
      },
    };
  };
