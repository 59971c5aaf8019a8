import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SeededRuns, seedRuns } from '../../bench/mcp/seed-runs.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { newId } from '../context/ids.ts';
import { exportUsage } from './export.ts';
import { getUsage } from './get.ts';

let test: TestDeps;
let org: TestOrg;
let owner: Client;
let seeded: SeededRuns;
let clock = new Date('2026-11-16T00:00:00.000Z');

beforeAll(async () => {
  test = await testDeps({ now: () => clock });
  org = await testOrg(test.deps);
  // Runs that ended before anybody counted their use.
  seeded = await seedRuns(test.database.ownerUrl, org.orgId, 3000, { until: new Date('2026-11-10T00:00:00Z') });
  owner = new Client({ connectionString: test.database.ownerUrl });
  await owner.connect();
}, 120_000);
afterAll(async () => {
  await owner?.end();
  await test?.close();
});

/** The same by counting the runs themselves. */
async function count(month: string) {
  const { rows } = await owner.query(
    `SELECT count(*)::int AS runs, coalesce(sum("inputTokens" + "outputTokens"), 0)::float8 AS "testerTokens",
       coalesce(sum("judgeTokens"), 0)::float8 AS "judgeTokens", coalesce(sum("cost"), 0)::float8 AS cost
     FROM "Run" WHERE "orgId" = $1 AND to_char("finishedAt" AT TIME ZONE 'UTC', 'YYYY-MM') = $2`,
    [org.orgId, month],
  );
  return rows[0];
}

async function addRuns(count: number, of: { [column: string]: unknown } = {}): Promise<string[]> {
  const { id: _, ...row } = await test.deps.db.run.findFirstOrThrow({
    where: { orgId: org.orgId, workflowId: seeded.workflowId },
    select: { id: true, orgId: true, workflowId: true, versionId: true, serverId: true, model: true, trigger: true },
  });
  const ids = Array.from({ length: count }, () => newId());
  await test.deps.db.run.createMany({
    data: ids.map((id) => ({ ...row, id, actorKind: 'system', actorId: 'test', status: 'running', ...of })),
  });
  return ids;
}
const end = (id: string, at: string, of: { [column: string]: unknown } = {}) =>
  test.deps.db.run.updateMany({
    where: { id, finishedAt: null },
    data: { status: 'pass', finishedAt: new Date(at), ...of },
  });

describe('usage of a month', () => {
  it('is what a count over the runs gives, in all and by workflow, model and server', async () => {
    const usage = await getUsage(org.ctx, { month: '2026-11' });
    const counted = await count('2026-11');
    expect(counted.runs).toBeGreaterThan(100);
    expect(usage.total).toMatchObject(counted);
    for (const rows of [usage.workflows, usage.models, usage.servers])
      expect(rows.reduce((sum, { runs }) => sum + runs, 0)).toBe(counted.runs);
    expect(usage.months.map(({ month }) => month).slice(-3)).toEqual(['2026-09', '2026-10', '2026-11']);
    expect(usage.months.at(-1)).toMatchObject(counted);
  });

  it('counts each end once, in the month (UTC) of the end', async () => {
    const before = await getUsage(org.ctx, { month: '2026-12' });
    expect(before.total.runs).toBe(0);
    const ids = await addRuns(4, { model: 'acme/small' });
    const used = { inputTokens: 100, outputTokens: 20, judgeTokens: 30, cost: 0.5 };
    // At the same time, as workers do, and each twice, as activities may.
    await Promise.all([0, 1].flatMap(() => ids.slice(0, 2).map((id) => end(id, '2026-12-01T00:00:00.000Z', used))));
    await end(ids[2] ?? '', '2026-11-30T23:59:59.999Z', used);
    await end(ids[3] ?? '', '2026-12-31T23:59:59.999Z', { ...used, cost: null });
    clock = new Date('2026-12-16T12:00:00.000Z');
    const usage = await getUsage(org.ctx, {});
    expect(usage).toMatchObject({
      month: '2026-12',
      total: { runs: 3, testerTokens: 360, judgeTokens: 90, cost: 1, unpricedRuns: 1, checks: 0 },
      models: [{ model: 'acme/small', runs: 3 }],
      forecast: { runs: 6, tokens: 900, cost: 2 },
    });
    expect((await getUsage(org.ctx, { month: '2026-11' })).total).toMatchObject(await count('2026-11'));
  });

  it('leaves out runs that a budget refused, and runs that go on', async () => {
    const [refused = '', going = ''] = await addRuns(2);
    await end(refused, '2026-12-05T00:00:00Z', { status: 'error', errorKind: 'budget' });
    expect(going).not.toBe('');
    expect((await getUsage(org.ctx, { month: '2026-12' })).total.runs).toBe(3);
  });

  it('stays when retention deletes the runs', async () => {
    const before = await getUsage(org.ctx, { month: '2026-11' });
    await test.deps.db.organization.update({ where: { id: org.orgId }, data: { runRetentionDays: 1 } });
    const deleted = await owner.query('DELETE FROM "Run" WHERE "finishedAt" < $1', ['2026-11-10T00:00:00Z']);
    expect(deleted.rowCount).toBeGreaterThan(100);
    expect((await getUsage(org.ctx, { month: '2026-11' })).total).toEqual(before.total);
  });

  it('counts the checks of each server', async () => {
    const monitorId = newId();
    const { orgId } = org;
    const { serverId } = await test.deps.db.run.findFirstOrThrow({ where: { orgId }, select: { serverId: true } });
    const authProfileId = newId();
    await test.deps.db.authProfile.create({ data: { id: authProfileId, orgId, serverId, name: 'Own', kind: 'none' } });
    await test.deps.db.monitor.create({
      data: {
        id: monitorId,
        orgId,
        serverId,
        authProfileId,
        name: 'M',
        tool: 't',
        arguments: {},
        argumentsKey: 'k',
        intervalSeconds: 60,
      },
    });
    const day = (text: string, pass: number) => ({ orgId, monitorId, day: new Date(text), pass, latency: [] });
    await test.deps.db.checkDay.createMany({
      data: [day('2026-11-30T00:00:00Z', 7), { ...day('2026-12-01T00:00:00Z', 5), fail: 1, inMaintenance: 2 }],
    });
    const usage = await getUsage(org.ctx, { month: '2026-12' });
    expect(usage.total.checks).toBe(8);
    expect(usage.servers.find((server) => server.serverId === serverId)).toMatchObject({ checks: 8 });
  });

  it('is exported as CSV', async () => {
    await test.deps.db.workflow.updateMany({
      where: { orgId: org.orgId, id: seeded.workflowId },
      data: { name: '=1+1, "quoted"' },
    });
    const { name, csv } = await exportUsage(org.ctx, { month: '2026-12' });
    const [head, ...lines] = csv.trimEnd().split('\r\n');
    expect(name).toBe('usage-2026-12.csv');
    expect(head).toBe(
      'month,kind,workflow,workflow_id,model,server,server_id,runs,tester_tokens,judge_tokens,cost_usd,unpriced_runs,checks',
    );
    expect(lines.find((line) => line.includes('acme/small'))).toMatch(
      /^2026-12,runs,"'=1\+1, ""quoted""",[0-9a-f-]{36},acme\/small,.*,3,360,90,1,1,$/,
    );
    expect(lines.some((line) => /^2026-12,checks,.*,8$/.test(line))).toBe(true);
  });

  it('is for the owner alone, and refuses what is no month', async () => {
    await expect(getUsage(org.as('admin'), {})).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(getUsage(org.ctx, { month: '2026-13' })).rejects.toMatchObject({ code: 'validation_failed' });
  });
});
