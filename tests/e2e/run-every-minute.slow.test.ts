import { expect, it } from 'vitest';
import { searchRuns } from '../../services/run/reading/search.ts';
import { until } from '../faults/process.ts';
import { startScenario } from '../support/scenario.ts';

it('a scheduled workflow runs at its minute and passes', async () => {
  const scenario = await startScenario();
  try {
    const workflowId = await scenario.workflow({ schedule: '* * * * *' });
    const runs = async () => (await searchRuns(scenario.ctx, { workflowId })).runs;
    const { id } = await until('the Schedule fires', async () => (await runs()).at(-1), { seconds: 70 });
    const { run } = await scenario.finished(id);
    expect(run).toMatchObject({ status: 'pass', trigger: 'scheduled' });
    const scheduledAt = new Date(run.scheduledAt ?? '');
    expect([scheduledAt.getUTCSeconds(), scheduledAt.getUTCMilliseconds()]).toEqual([0, 0]);
    expect(Date.parse(run.createdAt)).toBeGreaterThanOrEqual(scheduledAt.getTime());
  } finally {
    await scenario.close();
  }
});
