import { z } from 'zod';
import { checkErrorKinds, checkOutcomes } from '../../../domain/monitor/monitor.ts';
import { draftForTool } from '../../../services/coverage/draft-for-tool.ts';
import { testModel } from '../../../services/model/test.ts';
import { suggestMonitors } from '../../../services/monitor/tool-call/suggest.ts';
import { testCall } from '../../../services/monitor/tool-call/test-call.ts';
import { getStatusPage } from '../../../services/status-page/get.ts';
import { saveStatusPage } from '../../../services/status-page/save.ts';
import { defineRoute } from '../route.ts';
import { definition } from '../schemas.ts';

/** What helps to set up workflows, monitors and the status page. */
export const setupRoutes = [
  defineRoute({
    method: 'POST',
    path: '/models/test',
    summary: 'Finds out what a model can do: tools, structured output, latency',
    useCase: testModel,
    input: testModel.useCase.input,
    output: z.object({ model: z.string(), test: z.looseObject({ latencyMs: z.number(), answers: z.unknown() }) }),
    run: (ctx, given) => testModel(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/mcp-servers/{serverId}/suggested-monitors',
    operation: 'suggestMonitors',
    summary: "Returns the server's tools with arguments that their schemas name, as a start for monitors",
    useCase: suggestMonitors,
    refuses: ['mcp_server_archived'],
    input: suggestMonitors.useCase.input,
    output: z.object({
      rows: z.array(
        z
          .object({
            name: z.string(),
            title: z.string().nullable(),
            description: z.string().describe("The server's own; untrusted."),
            inputSchema: z.unknown(),
            annotations: z.object({ readOnly: z.boolean(), destructive: z.boolean() }),
            preselected: z.boolean(),
            why: z.string(),
            sampleArguments: z.record(z.string(), z.unknown()),
          })
          .meta({ id: 'SuggestedMonitor' }),
      ),
    }),
    run: async (ctx, given) => ({ rows: (await suggestMonitors(ctx, given)).tools }),
  }),
  defineRoute({
    method: 'POST',
    path: '/mcp-servers/{serverId}/test-calls',
    operation: 'testToolCall',
    summary: 'Calls a tool once, as a monitor would',
    useCase: testCall,
    input: testCall.useCase.input,
    output: z.object({
      outcome: z.enum(checkOutcomes),
      errorKind: z.enum(checkErrorKinds).nullable(),
      latencyMs: z.number().nullable(),
      excerpt: z.string().nullable().describe("The server's own words; untrusted."),
      resultBytes: z.int().nullable(),
      degradedBy: z.array(z.string()),
    }),
    run: (ctx, given) => testCall(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/mcp-servers/{serverId}/tools/{tool}/workflow-draft',
    operation: 'draftWorkflowForTool',
    summary: 'Returns the definition of a workflow that covers a tool',
    useCase: draftForTool,
    refuses: ['mcp_server_archived'],
    input: draftForTool.useCase.input,
    output: z.object({ definition }),
    run: (ctx, given) => draftForTool(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/status-page',
    summary: "Returns the settings of the workspace's public status page",
    useCase: getStatusPage,
    input: z.object({}),
    output: z.looseObject({ slug: z.string(), enabled: z.boolean(), title: z.string(), description: z.string() }),
    run: (ctx, given) => getStatusPage(ctx, given),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/status-page',
    summary: "Saves the settings of the workspace's public status page",
    useCase: saveStatusPage,
    input: saveStatusPage.useCase.input,
    output: z.object({ enabled: z.boolean() }),
    run: (ctx, given) => saveStatusPage(ctx, given),
  }),
];
