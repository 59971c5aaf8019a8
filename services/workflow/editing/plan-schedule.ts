import { z } from 'zod';
import { nearestName } from '../../../domain/catalog/tool-similarity.ts';
import { countMonthlyFires, nextFireTimes, scheduleLabel, scheduleProblem } from '../../../domain/schedule/schedule.ts';
import { isTimezone, timezones } from '../../../domain/schedule/timezone.ts';
import type { Db } from '../../../infra/db/index.ts';
import { listModelCosts } from '../../../infra/db/queries/workflow-history.ts';

const shownFires = 5;
/** Runs of each model whose costs are averaged. */
const pricedRuns = 10;

export const schedulePlan = z.object({
  problem: z.string().nullable().describe('What is wrong with the cron expression.'),
  timezone: z.string(),
  timezoneProblem: z.string().nullable(),
  label: z.string(),
  fires: z.array(z.iso.datetime()).describe('The next five; empty for manual.'),
  monthlyRuns: z.int().describe('Runs in 30 days, about: fires × models.'),
  monthlyCost: z
    .number()
    .nullable()
    .describe('US dollars in 30 days at the average cost of the last runs; null: no model has a priced run.'),
  unpricedModels: z.array(z.string()).describe('Tester models whose cost is unknown and not counted.'),
});
export type SchedulePlan = z.infer<typeof schedulePlan>;

/** When a schedule fires, and what its runs cost. */
export async function planSchedule(
  db: Db,
  of: {
    orgId: string;
    workflowId: string | undefined;
    schedule: string | null;
    timezone: string;
    testerModels: readonly string[];
    now: Date;
  },
): Promise<SchedulePlan> {
  const { orgId, workflowId, schedule, now } = of;
  const timezone = of.timezone.trim();
  const models = [...new Set(of.testerModels)];
  const problem = schedule === null ? null : scheduleProblem(schedule);
  const timezoneProblem = isTimezone(timezone) ? null : describeZone(timezone);
  const fires =
    schedule === null || problem || timezoneProblem ? [] : nextFireTimes(schedule, timezone, now, shownFires);
  const monthlyFires = schedule === null || fires.length === 0 ? 0 : countMonthlyFires(schedule, timezone, now);
  const costs =
    workflowId === undefined ? [] : await listModelCosts(db, { orgId, workflowId, models, each: pricedRuns });
  const priced = costs.flatMap(({ model, cost }) => (cost === null ? [] : [{ model, cost }]));
  return {
    problem,
    timezone,
    timezoneProblem,
    label: problem ? '' : scheduleLabel(schedule, timezone, models.length),
    fires: fires.map((time) => time.toISOString()),
    monthlyRuns: monthlyFires * models.length,
    monthlyCost: priced.length === 0 ? null : priced.reduce((sum, { cost }) => sum + cost * monthlyFires, 0),
    unpricedModels: models.filter((model) => !priced.some((each) => each.model === model)),
  };
}

function describeZone(timezone: string): string {
  const nearest = nearestName(timezone, timezones);
  return `Unknown time zone.${nearest ? ` Did you mean ${nearest}?` : ' Use an IANA name, such as Europe/Berlin.'}`;
}
