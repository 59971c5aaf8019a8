import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seedRuns } from '../../../bench/mcp/seed-runs.ts';
import { wilson } from '../../../domain/stats/stats.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import { newId } from '../../context/ids.ts';
import { getWorkflowStatistics } from './statistics.ts';
import { parseDefinition } from './view.ts';

const now = new Date('2026-11-20T10:30:00.000Z');
let made: TestDeps;
let org: TestOrg;
let workflowId: string;
let owner: Client;
const statistics = () => getWorkflowStatistics({ ...org.ctx, deps: { ...made.deps, now: () => now } }, { workflowId });

beforeAll(async () => {
  made = await testDeps();
  org = await testOrg(made.deps);
  ({ workflowId } = await seedRuns(made.database.ownerUrl, org.orgId, 4_000, { until: now, others: 100 }));
  owner = new Client({ connectionString: made.database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner?.end();
  await made?.close();
});

it('counts days and models as counting run by run does', async () => {
  const { days, models } = await statistics();
  expect(days).toHaveLength(30);
  const count = (where: object) => made.deps.db.run.count({ where: { orgId: org.orgId, workflowId, ...where } });
  const graded = { status: { in: ['pass', 'partial', 'fail'] } };
  const today = { createdAt: { gte: new Date('2026-11-20T00:00:00Z') } };
  expect(days.at(-1)).toEqual({
    day: '2026-11-20T00:00:00.000Z',
    pass: await count({ ...today, status: 'pass' }),
    graded: await count({ ...today, ...graded }),
  });
  expect(days.reduce((sum, day) => sum + day.graded, 0)).toBe(await count(graded));
  const [model] = models;
  const last = await made.deps.db.run.findMany({
    where: { orgId: org.orgId, workflowId, ...graded },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: 30,
  });
  expect(model?.runs.map(({ id }) => id)).toEqual(last.map(({ id }) => id).reverse());
  const pass = last.filter(({ status }) => status === 'pass').length;
  expect(model).toMatchObject({ pass, graded: 30, interval: wilson(pass, 30) });
});

it('ranks the criteria by their failures in the latest runs', async () => {
  const version = await made.deps.db.workflowVersion.findFirstOrThrow({ where: { orgId: org.orgId, workflowId } });
  const definition = parseDefinition(version);
  const [good, bad] = [newId(), newId()];
  const criteria = [
    { id: good, text: 'no tool call fails', isRequired: true },
    { id: bad, text: 'finishes within 1 s', isRequired: true },
  ];
  await owner.query('ALTER TABLE "WorkflowVersion" DISABLE TRIGGER USER');
  await owner.query('UPDATE "WorkflowVersion" SET "definition" = $2 WHERE "id" = $1', [
    version.id,
    { ...definition, criteria },
  ]);
  await owner.query('ALTER TABLE "WorkflowVersion" ENABLE TRIGGER USER');
  const { models } = await statistics();
  const runIds = models.flatMap(({ runs }) => runs.map(({ id }) => id));
  await owner.query('ALTER TABLE "CriterionResult" DISABLE TRIGGER USER');
  for (const [index, runId] of runIds.entries())
    for (const { id, text } of criteria)
      await owner.query(
        `INSERT INTO "CriterionResult" ("orgId", "runId", "criterionId", "position", "text", "isRequired", "verdict", "rationale", "evidence", "gradedBy")
         VALUES ($1, $2, $3, 0, $4, true, $5, '', '{}', 'assertion')`,
        [org.orgId, runId, id, text, id === bad && index % 3 === 0 ? 'fail' : 'pass'],
      );
  await owner.query('ALTER TABLE "CriterionResult" ENABLE TRIGGER USER');
  const shown = runIds.slice(-20);
  const failures = shown.filter((runId) => runIds.indexOf(runId) % 3 === 0).length;
  const result = await statistics();
  expect(result.criteria.map(({ id, failures, graded }) => ({ id, failures, graded }))).toEqual([
    { id: bad, failures, graded: 20 },
    { id: good, failures: 0, graded: 20 },
  ]);
  expect(result.criteria[0]?.verdicts.map(({ runId }) => runId)).toEqual(shown);
});

it('marks the versions of these days', async () => {
  const version = await made.deps.db.workflowVersion.findFirstOrThrow({ where: { orgId: org.orgId, workflowId } });
  await owner.query('ALTER TABLE "WorkflowVersion" DISABLE TRIGGER USER');
  await owner.query('UPDATE "WorkflowVersion" SET "createdAt" = $2 WHERE "id" = $1', [
    version.id,
    '2026-11-18T08:00:00Z',
  ]);
  await owner.query('ALTER TABLE "WorkflowVersion" ENABLE TRIGGER USER');
  expect((await statistics()).versions).toEqual([{ number: version.number, createdAt: '2026-11-18T08:00:00.000Z' }]);
});
