import { z } from 'zod';
import { describeCriterion } from '../../../domain/assertion/criterion.ts';
import { runStatuses } from '../../../domain/run/run.ts';
import { givenId } from '../../../domain/values/id.ts';
import { useCase } from '../../context/use-case.ts';
import { searchRuns } from '../../run/reading/search.ts';
import { listSkippedRuns } from '../../run/reading/skipped.ts';
import { getWorkflow } from './get.ts';
import { getWorkflowVersion } from './get-version.ts';

const maxVersions = 20;
const maxRuns = 20;

export const describeWorkflowOutput = z.object({
  workflow: z.looseObject({
    id: z.uuid(),
    name: z.string(),
    serverId: z.uuid(),
    state: z.string(),
    activeVersionId: z.uuid(),
  }),
  version: z.looseObject({ id: z.uuid(), number: z.int() }),
  definition: z.looseObject({}).describe('Of this version, as propose_workflow_patch takes it.'),
  judged: z.array(z.int()).describe('Positions of criteria that the judge grades; the others are assertions.'),
  versions: z
    .array(z.looseObject({ id: z.uuid(), number: z.int(), changed: z.array(z.string()) }))
    .describe('Newest first.'),
  scheduleLabel: z.string(),
  nextFireTimes: z.array(z.iso.datetime()),
  warnings: z.array(z.looseObject({ code: z.string(), message: z.string() })),
  recentRuns: z.array(z.looseObject({ runId: z.uuid(), status: z.enum(runStatuses) })),
  skipped: z.array(z.looseObject({ scheduledAt: z.iso.datetime(), reason: z.string() })),
});

/**
 * A workflow for an agent: the definition of its active version or of another, with what it needs to change it. Its
 * page has more.
 * @throws ArmatureError `workflow_not_found`, `version_not_found`
 */
export const describeWorkflow = useCase({
  name: 'workflow.describe',
  access: 'viewer',
  input: z.object({
    workflowId: givenId,
    versionId: givenId.optional().describe('Another version than the active one.'),
  }),
  async run({ ctx }, { workflowId, versionId }): Promise<z.infer<typeof describeWorkflowOutput>> {
    const [details, { runs }, { skipped }] = await Promise.all([
      getWorkflow(ctx, { workflowId }),
      searchRuns(ctx, { workflowId, limit: maxRuns }),
      listSkippedRuns(ctx, { workflowId }),
    ]);
    const shown =
      versionId === undefined || versionId === details.version.id
        ? details
        : await getWorkflowVersion(ctx, { workflowId, versionId });
    return {
      workflow: details.workflow,
      version: shown.version,
      definition: shown.definition,
      judged: shown.definition.criteria.flatMap(({ text }, position) =>
        describeCriterion(text).by === 'judge' ? [position] : [],
      ),
      versions: details.versions.slice(0, maxVersions),
      scheduleLabel: details.scheduleLabel,
      nextFireTimes: details.nextFireTimes,
      warnings: details.warnings,
      recentRuns: runs.map(({ id, status, flagged, model, trigger, versionNumber, createdAt, finishedAt }) => ({
        runId: id,
        status,
        flagged,
        model,
        trigger,
        versionNumber,
        createdAt,
        finishedAt,
      })),
      skipped,
    };
  },
});
