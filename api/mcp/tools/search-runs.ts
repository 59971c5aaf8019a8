import { z } from 'zod';
import { fitPage } from '../../../services/context/pagination.ts';
import { runSummaries, toRunSummary, searchRuns as useCase } from '../../../services/run/reading/search.ts';
import { defineTool, hints } from '../tool.ts';

export const searchRuns = defineTool({
  name: 'search_runs',
  title: 'Search runs',
  description: [
    'Returns runs, newest first, as summaries (some 100 tokens each): run id, workflow id and name, version, status, flagged, model, start and end, trigger, duration, cost.',
    'Use it to find what failed: status ["fail", "partial", "error"], of one workflow (workflowId from list_workflows) or server (serverId from list_mcp_servers), between two times (ISO 8601). Without arguments it returns the latest runs of the workspace.',
    'Next: diagnose_run with the runId of a failed run; inspect_run for its details; compare_runs with a failed and a passing run of one workflow. Pass nextCursor as cursor, with the same filters, for older runs.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input.extend({ limit: z.int().min(1).max(100).default(20) }),
  output: runSummaries,
  annotations: hints.read,
  untrusted: [],
  subject: ({ workflowId, serverId }) => workflowId ?? serverId,
  async run(ctx, args) {
    const { runs, nextCursor } = await useCase(ctx, args);
    const page = fitPage({ entries: runs.map(toRunSummary), nextCursor }, ({ createdAt, runId }) => ({
      createdAt: new Date(createdAt),
      id: runId,
    }));
    return { runs: page.entries, nextCursor: page.nextCursor };
  },
});
