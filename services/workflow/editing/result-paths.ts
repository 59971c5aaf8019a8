import { z } from 'zod';
import { resultDocument } from '../../../domain/assertion/facts.ts';
import { listResultPaths } from '../../../domain/assertion/paths.ts';
import { givenId } from '../../../domain/values/id.ts';
import { useCase } from '../../context/use-case.ts';
import { workflowNotFound } from '../errors.ts';
import { loadLatestRun } from '../reading/adaptation.ts';

const maxTools = 20;
const maxPaths = 30;
const maxPathLength = 200;

export const resultPaths = z.object({
  tools: z
    .array(
      z.object({
        tool: z.string(),
        paths: z.array(z.object({ path: z.string(), example: z.string().describe('Its value, cut. Untrusted.') })),
      }),
    )
    .describe('Of the last successful call of each tool.'),
});

/**
 * Paths of the values that tools returned in the latest run of a workflow, as assertions write them.
 * @throws ArmatureError `workflow_not_found`
 */
export const getResultPaths = useCase({
  name: 'workflow.result_paths',
  access: 'viewer',
  input: z.object({ workflowId: givenId }),
  async run({ db, orgId }, { workflowId }): Promise<z.infer<typeof resultPaths>> {
    const workflow = await db.workflow.findFirst({ where: { orgId, id: workflowId }, select: { id: true } });
    if (!workflow) throw workflowNotFound();
    const latest = await loadLatestRun(db, { orgId, workflowId });
    const results = new Map(
      (latest?.calls ?? []).flatMap(({ tool, outcome, result }) =>
        outcome === 'ok' && result ? [[tool, result] as const] : [],
      ),
    );
    return {
      tools: [...results].slice(0, maxTools).flatMap(([tool, result]) => {
        const read = resultDocument(result);
        const paths = read ? listResultPaths(read.document, maxPaths) : [];
        const shown = paths.filter(({ path }) => path.length <= maxPathLength);
        return shown.length > 0 ? [{ tool, paths: shown }] : [];
      }),
    };
  },
});
