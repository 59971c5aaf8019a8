import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SeededRuns, seedRuns } from '../../../bench/mcp/seed-runs.ts';
import { isArmatureError } from '../../../domain/error/error.ts';
import type { ShownStatus } from '../../../domain/run/run.ts';
import { findRunPositions, type RunFilter, runRangeQuery } from '../../../infra/db/queries/run-search.ts';
import { type TestDeps, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import type { Context } from '../../context/context.ts';
import { runSummaries, searchRuns, toRunSummary } from './search.ts';

const seededCount = 200_000;

let made: TestDeps;
let owner: Client;
let ctx: Context;
let seeded: SeededRuns;
let orgId: string;
const until = new Date('2026-11-21T09:00:00.000Z');

beforeAll(async () => {
  made = await testDeps();
  const org = await testOrg(made.deps);
  ctx = org.ctx;
  seeded = await seedRuns(made.database.ownerUrl, org.orgId, seededCount, { others: 60_000, until });
  orgId = org.orgId;
  owner = new Client({ connectionString: made.database.ownerUrl });
  await owner.connect();
}, 240_000);
afterAll(async () => {
  await owner?.end();
  await made?.close();
});

type Filters = Omit<RunFilter, 'orgId' | 'limit' | 'after'>;
const at = (minutes: number) => new Date(until.getTime() - minutes * 60_000);

/** Every filter, alone and together, some that match one run in 10,000 or none. */
const filters = (): [string, Filters][] => {
  const { workflowIds, serverIds, rareWorkflowId, rareServerId } = seeded;
  const [workflowId = '', serverId = ''] = [workflowIds[5], serverIds[3]];
  return [
    ['nothing', {}],
    ['a status', { statuses: ['pass'] }],
    ['a rare status', { statuses: ['partial'] }],
    ['a status that none has', { statuses: ['pending'] }],
    ['errors', { statuses: ['error'] }],
    ['errors of a trigger', { statuses: ['error'], trigger: 'manual' }],
    ['canceled runs', { statuses: ['canceled'] }],
    ['errors and canceled runs of a workflow', { workflowId, statuses: ['error', 'canceled'] }],
    ['flagged canceled runs', { flagged: true, statuses: ['canceled', 'error'] }],
    ['flagged runs', { flagged: true }],
    ['flagged runs of a status', { flagged: true, statuses: ['fail'] }],
    ['a trigger', { trigger: 'scheduled' }],
    ['a rare status and a trigger', { statuses: ['partial'], trigger: 'scheduled' }],
    ['a rare status and the other trigger', { statuses: ['partial'], trigger: 'manual' }],
    ['a workflow', { workflowId }],
    ['a rare workflow', { workflowId: rareWorkflowId }],
    ['a workflow and a status', { workflowId, statuses: ['fail'] }],
    ['a workflow and a status that its runs have not', { workflowId, statuses: ['partial'] }],
    ['a workflow and a trigger', { workflowId, trigger: 'manual' }],
    ['a workflow and its server', { workflowId, serverId }],
    ['a workflow and another server', { workflowId, serverId: rareServerId }],
    ['a server', { serverId }],
    ['a rare server', { serverId: rareServerId }],
    ['a server and a status', { serverId, statuses: ['fail'] }],
    ['a server, a status and a trigger', { serverId, statuses: ['pass'], trigger: 'scheduled' }],
    ['a model', { model: 'builtin/scripted' }],
    ['a model that no run has', { model: 'nobody/none' }],
    [
      'a model that no run of a workflow has, and statuses',
      { workflowId, model: 'nobody/none', statuses: ['fail', 'error'] },
    ],
    ['several statuses', { statuses: ['fail', 'partial', 'error'] }],
    ['times', { createdBefore: at(100_000), createdAfter: at(150_000) }],
    ['times and a rare status', { createdBefore: at(100_000), createdAfter: at(150_000), statuses: ['partial'] }],
    ['old times', { createdBefore: at(seededCount - 50) }],
  ];
};

const isShownAs = (status: ShownStatus) => {
  if (status === 'canceled') return { errorKind: 'canceled' };
  return status === 'error' ? { status, errorKind: { not: 'canceled' } } : { status };
};

describe('searchRuns', () => {
  it('finds exactly what matches, newest first, and nothing of others', async () => {
    for (const [name, filter] of filters()) {
      const found = await findRunPositions(made.deps.db, { orgId, ...filter, limit: 50 });
      const { statuses, createdBefore, createdAfter, versionId: _, ...equal } = filter;
      const expected = await made.deps.db.run.findMany({
        where: {
          orgId,
          ...Object.fromEntries(Object.entries(equal).filter(([, value]) => value !== undefined)),
          ...(statuses && { OR: statuses.map(isShownAs) }),
          createdAt: { ...(createdBefore && { lt: createdBefore }), ...(createdAfter && { gt: createdAfter }) },
        },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: 50,
        select: { id: true },
      });
      expect(
        found.map(({ id }) => id),
        name,
      ).toEqual(expected.map(({ id }) => id));
    }
  });

  // Prepared statements get a plan for their values first, and one for all values when that looks no dearer.
  it.each(['custom', 'generic'])(
    'reads no more rows than a page needs, on the first and on the 500th page, by a %s plan',
    async (plan) => {
      await owner.query(`SET plan_cache_mode = force_${plan}_plan`);
      const limit = 21;
      for (const [name, filter] of filters()) {
        const deep = await findRunPositions(made.deps.db, { orgId, ...filter, limit: 500 * 20 });
        const after = deep.length === 500 * 20 ? deep.at(-1) : undefined;
        for (const [page, more] of [
          ['first', {}],
          ['500th', after ? { after } : null],
        ] as const) {
          if (more === null) continue;
          const { sql, values } = runRangeQuery({ orgId, ...filter, ...more, limit });
          await owner.query(`PREPARE search AS ${numbered(sql)}`);
          const given = values.map((value) => owner.escapeLiteral(String(value))).join(', ');
          const explained = await owner.query(`EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE search(${given})`);
          await owner.query('DEALLOCATE search');
          const nodes = nodesOf(explained.rows[0]['QUERY PLAN'][0].Plan);
          const scans = nodes.filter(
            (node) => String(node['Node Type']).includes('Scan') && node['Relation Name'] === 'Run',
          );
          expect(scans.length, `${name}, ${page} page`).toBeGreaterThan(0);
          expect(
            scans.filter((node) => node['Node Type'] === 'Seq Scan'),
            `${name}, ${page} page`,
          ).toEqual([]);
          for (const node of scans) {
            const rows = Number(node['Actual Rows']) + Number(node['Rows Removed by Filter'] ?? 0);
            // Here a server beside its workflow is a filter; findRunPositions drops it.
            if ('serverId' in filter && 'workflowId' in filter) continue;
            // Canceled runs among the errors are read and left out: one in ten here.
            const allowed = filter.statuses?.includes('error') ? 2 * limit : limit;
            expect(rows, `${name}, ${page} page: ${node['Index Name']}`).toBeLessThanOrEqual(allowed);
          }
        }
      }
    },
  );

  it('goes through all pages without a gap or a double', async () => {
    const { rareServerId } = seeded;
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await searchRuns(ctx, { serverId: rareServerId, limit: 3, ...(cursor && { cursor }) });
      ids.push(...page.runs.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(ids).toHaveLength(seededCount / 10_000);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('finds text a bounded number of runs at a time, all of them in the end', async () => {
    const find = async (filters: Parameters<typeof searchRuns>[1]) => {
      const ids: string[] = [];
      let pages = 0;
      for (let cursor: string | null | undefined; cursor !== null; pages++) {
        const page: Awaited<ReturnType<typeof searchRuns>> = await searchRuns(ctx, {
          ...filters,
          limit: 7,
          ...(cursor !== undefined && { cursor }),
        });
        ids.push(...page.runs.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      expect(new Set(ids).size).toBe(ids.length);
      return { ids, pages };
    };
    const byName = await find({ search: 'workflow 0' });
    expect(byName.ids).toHaveLength(seededCount / 10_000);
    expect(byName.pages).toBeLessThanOrEqual(seededCount / 2500 + 3);
    const [id = ''] = byName.ids;
    expect((await find({ search: id.toUpperCase(), status: 'partial' })).ids).toEqual([id]);
    expect((await find({ search: '%' })).ids).toEqual([]);
    const canceled = await find({ errorKind: 'canceled', search: 'workflow' });
    expect(canceled.ids).toHaveLength(seededCount / 1000);
    expect((await find({ errorKind: 'auth' })).ids).toEqual([]);
  });

  it('takes a range until now, and nothing beside it', async () => {
    const later: Context = { ...ctx, deps: { ...ctx.deps, now: () => new Date(until.getTime() + 23.5 * 3_600_000) } };
    const { runs, nextCursor } = await searchRuns(later, { range: '24h', limit: 100 });
    expect([runs.length, nextCursor]).toEqual([30, null]);
    await expect(searchRuns(later, { range: '7d', before: until.toISOString() })).rejects.toMatchObject({
      details: { fieldErrors: [{ field: 'range' }] },
    });
  });

  it('shows what its schema says', async () => {
    const found = await searchRuns(ctx, {
      status: 'fail',
      trigger: 'manual',
      before: '2026-11-20T12:00:00+02:00',
      limit: 2,
    });
    const { runs, nextCursor } = runSummaries.parse({ ...found, runs: found.runs.map(toRunSummary) });
    expect(nextCursor).not.toBe(null);
    expect(runs).toHaveLength(2);
    expect(runs[0]).toMatchObject({
      status: 'fail',
      errorKind: null,
      trigger: 'manual',
      workflowName: expect.stringMatching(/^Workflow \d+$/),
      versionNumber: 1,
      durationMs: 20_000,
      cost: 0.001,
    });
    expect(Date.parse(runs[0]?.createdAt ?? '')).toBeLessThan(Date.parse('2026-11-20T10:00:00Z'));
  });

  it('takes several statuses, and does not find unknown workflows and servers', async () => {
    const { runs } = await searchRuns(ctx, { status: ['fail', 'partial'], limit: 100 });
    expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(['fail', 'partial']));
    const unknown = '019bd5a3-1111-7111-8111-111111111111';
    await expect(searchRuns(ctx, { workflowId: unknown })).rejects.toMatchObject({ code: 'workflow_not_found' });
    await expect(searchRuns(ctx, { serverId: unknown })).rejects.toMatchObject({ code: 'mcp_server_not_found' });
  });

  it('refuses a cursor that is none', async () => {
    await expect(searchRuns(ctx, { cursor: 'nonsense' })).rejects.toSatisfy(
      (error) => isArmatureError(error) && error.code === 'validation_failed',
    );
  });
});

/** Prisma's SQL with Postgres' own placeholders. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replace(/\?/g, () => `$${++count}`);
}

type PlanNode = { Plans?: PlanNode[]; [key: string]: unknown };
const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];
