import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMonitors, makeServer } from '../../../tests/support/monitors.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import { getOrgHealth } from '../../organization/health.ts';
import { describeMonitor, describeMonitorOutput } from './describe.ts';

let made: TestDeps;
let org: TestOrg;
let monitorId: string;
const now = new Date();
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

beforeAll(async () => {
  made = await testDeps();
  org = await testOrg(made.deps);
  const { orgId } = org;
  const server = await makeServer(made.deps, { orgId, url: 'https://example.com/mcp' });
  const [id] = await makeMonitors(made.deps, { orgId, ...server }, [
    { tool: 'get_order', arguments: { order_id: 'a' } },
  ]);
  if (id === undefined) throw new Error('There is no monitor.');
  monitorId = id;
  const { db } = made.deps;
  await db.check.createMany({
    data: Array.from({ length: 30 }, (_, i) => ({
      orgId,
      monitorId,
      scheduledAt: minutesAgo(i),
      key: '',
      startedAt: minutesAgo(i),
      outcome: i < 3 ? 'error' : 'pass',
      errorKind: i < 3 ? 'timeout' : null,
      latencyMs: i < 3 ? null : 20,
      excerpt: i < 3 ? `No answer, ${i}` : null,
      attempts: 1,
    })),
  });
  await db.monitorHealth.create({
    data: {
      orgId,
      monitorId,
      outcome: 'error',
      errorKind: 'timeout',
      checkedAt: now,
      since: minutesAgo(2),
      consecutiveFailures: 3,
    },
  });
});
afterAll(() => made?.close());

describe('a monitor as an agent sees it', () => {
  it('says why it fails, and gives its checks in pages', async () => {
    const times: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = describeMonitorOutput.parse(
        await describeMonitor(org.ctx, { monitorId, limit: 7, ...(cursor && { cursor }) }),
      );
      expect(page).toMatchObject({
        monitor: { monitorId, tool: 'get_order', arguments: { order_id: 'a' } },
        health: { outcome: 'error', consecutiveFailures: 3 },
        lastError: { outcome: 'error', errorKind: 'timeout', excerpt: 'No answer, 0' },
      });
      times.push(...page.checks.map(({ at }) => at));
      cursor = page.nextCursor;
    }
    expect(times).toEqual(Array.from({ length: 30 }, (_, i) => minutesAgo(i).toISOString()));
  });

  it('has its error in the health of the workspace', async () => {
    const { failingMonitors } = await getOrgHealth(org.ctx, {});
    expect(failingMonitors).toMatchObject([{ monitorId, errorKind: 'timeout', error: 'No answer, 0' }]);
  });
});
