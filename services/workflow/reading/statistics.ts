import { z } from 'zod';
import { flakeRate, wilson } from '../../../domain/stats/stats.ts';
import { givenId } from '../../../domain/values/id.ts';
import { dayMs } from '../../../domain/values/time.ts';
import { listPassDays, listRunsByModel, listVerdicts } from '../../../infra/db/queries/workflow-history.ts';
import { useCase } from '../../context/use-case.ts';
import { workflowNotFound } from '../errors.ts';
import { parseDefinition } from './view.ts';

const shownDays = 30;
const runsPerModel = 30;
/** Runs whose verdicts are shown. */
const verdictRuns = 20;

const instant = z.iso.datetime();

export const workflowStatistics = z.object({
  days: z
    .array(z.object({ day: instant, pass: z.int(), graded: z.int() }))
    .describe('The last 30 days (UTC), today last.'),
  versions: z
    .array(z.object({ number: z.int(), createdAt: instant }))
    .describe('Versions that were saved in these days, oldest first.'),
  models: z
    .array(
      z.object({
        model: z.string(),
        runs: z
          .array(
            z.object({
              id: z.uuid(),
              status: z.string(),
              flagged: z.boolean(),
              versionNumber: z.int(),
              createdAt: instant,
            }),
          )
          .describe('Newest last.'),
        pass: z.int(),
        graded: z.int().describe('Runs with a verdict: pass, partial and fail.'),
        interval: z.object({ low: z.number(), high: z.number() }).describe('Of the pass rate: 95 %, by Wilson.'),
        flakeRate: z
          .number()
          .nullable()
          .describe('How often the verdict changed from one graded run to the next, 0 to 1; null below two.'),
      }),
    )
    .describe('The newest 30 ended runs of each tester model.'),
  criteria: z
    .array(
      z.object({
        id: z.uuid(),
        text: z.string(),
        isRequired: z.boolean(),
        failures: z.int(),
        graded: z.int(),
        verdicts: z
          .array(z.object({ runId: z.uuid(), verdict: z.string(), createdAt: instant }))
          .describe('Of the newest 20 ended runs, newest last.'),
      }),
    )
    .describe('Criteria of the active version, most failures first.'),
});
export type WorkflowStatistics = z.infer<typeof workflowStatistics>;

const gradedStatuses = ['pass', 'partial', 'fail'];

/**
 * How a workflow's runs went: by day, by model and by criterion.
 * @throws ArmatureError `workflow_not_found`
 */
export const getWorkflowStatistics = useCase({
  name: 'workflow.statistics',
  access: 'viewer',
  input: z.object({ workflowId: givenId }),
  async run({ db, orgId, now }, { workflowId }): Promise<WorkflowStatistics> {
    const workflow = await db.workflow.findFirst({
      where: { orgId, id: workflowId },
      select: { activeVersionId: true },
    });
    const version =
      workflow && (await db.workflowVersion.findFirst({ where: { orgId, id: workflow.activeVersionId } }));
    if (!version) throw workflowNotFound();
    const { testerModels, criteria } = parseDefinition(version);
    const first = (Math.floor(now().getTime() / dayMs) - shownDays + 1) * dayMs;
    const since = new Date(first);
    const of = { orgId, workflowId };
    const [tallies, versions, runs] = await Promise.all([
      listPassDays(db, { ...of, since }),
      db.workflowVersion.findMany({
        where: { ...of, createdAt: { gte: since } },
        orderBy: { number: 'asc' },
        select: { number: true, createdAt: true },
      }),
      listRunsByModel(db, { ...of, models: [...new Set(testerModels)], each: runsPerModel }),
    ]);
    const latest = runs.slice(0, verdictRuns).reverse();
    const verdicts = Map.groupBy(
      await listVerdicts(db, { orgId, runIds: latest.map(({ runId }) => runId) }),
      ({ criterionId }) => criterionId,
    );
    const byDay = new Map(tallies.map((tally) => [tally.day.getTime(), tally]));
    return {
      days: Array.from({ length: shownDays }, (_, index) => {
        const day = first + index * dayMs;
        const { pass = 0, graded = 0 } = byDay.get(day) ?? {};
        return { day: new Date(day).toISOString(), pass, graded };
      }),
      versions: versions.map(({ number, createdAt }) => ({ number, createdAt: createdAt.toISOString() })),
      models: [...new Set(testerModels)].map((model) => {
        const ofModel = runs.filter((run) => run.model === model).reverse();
        const outcomes = ofModel.map(({ status }) => status).filter((status) => gradedStatuses.includes(status));
        const pass = outcomes.filter((status) => status === 'pass').length;
        return {
          model,
          runs: ofModel.map(({ runId, status, flagged, versionNumber, createdAt }) => ({
            id: runId,
            status,
            flagged,
            versionNumber,
            createdAt: createdAt.toISOString(),
          })),
          pass,
          graded: outcomes.length,
          interval: wilson(pass, outcomes.length),
          flakeRate: flakeRate(outcomes),
        };
      }),
      criteria: criteria
        .map((criterion) => {
          const byRun = new Map((verdicts.get(criterion.id) ?? []).map(({ runId, verdict }) => [runId, verdict]));
          const shown = latest.flatMap(({ runId, createdAt }) => {
            const verdict = byRun.get(runId);
            return verdict === undefined ? [] : [{ runId, verdict, createdAt: createdAt.toISOString() }];
          });
          return {
            ...criterion,
            failures: shown.filter(({ verdict }) => verdict === 'fail').length,
            graded: shown.filter(({ verdict }) => gradedStatuses.includes(verdict)).length,
            verdicts: shown,
          };
        })
        .sort((a, b) => b.failures - a.failures),
    };
  },
});
