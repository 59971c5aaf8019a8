import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Scenario, startScenario } from '../../tests/support/scenario.ts';
import { getCatalog, getCatalogOutput } from './get.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(() => scenario?.close());

const catalog = async (input: Omit<Parameters<typeof getCatalog>[1], 'serverId'> = {}) =>
  getCatalogOutput.parse(await getCatalog(scenario.ctx, { serverId: scenario.serverId, ...input }));

describe('the catalog of a server', () => {
  it('has the named tools with their schemas', async () => {
    const { tools, nextCursor } = await catalog({ tools: ['get_order', 'search_products', 'no_such_tool'] });
    expect(tools).toMatchObject([
      {
        name: 'get_order',
        active: true,
        inputSchema: { type: 'object', properties: { order_id: { type: 'string' } } },
      },
      { name: 'search_products', active: true },
    ]);
    expect(nextCursor).toBe(null);
  });

  it('is, at an earlier time, what the latest run before then saw', async () => {
    const workflowId = await scenario.workflow();
    const before = await scenario.dispatch(workflowId);
    await scenario.finished(before);
    scenario.shop.control.set({ rename: { get_order: 'read_order' } });
    const after = await scenario.dispatch(workflowId);
    await scenario.finished(after);
    const { createdAt } = await scenario.deps.db.run.findUniqueOrThrow({ where: { id: before } });
    const at = createdAt.toISOString();
    expect((await catalog({ at, tools: ['get_order', 'read_order'] })).tools.map(({ name }) => name)).toEqual([
      'get_order',
    ]);
    expect((await catalog({ at })).listedAt).toBe(at);
    const now = await catalog({ tools: ['get_order', 'read_order'] });
    expect(now.tools.map(({ name, active }) => [name, active])).toEqual([
      ['get_order', false],
      ['read_order', true],
    ]);
    expect(now.changes.map(({ tool, kind }) => [tool, kind])).toEqual(
      expect.arrayContaining([
        ['get_order', 'removed'],
        ['read_order', 'added'],
      ]),
    );
    await expect(catalog({ at: '2020-01-01T00:00:00Z' })).rejects.toMatchObject({
      code: 'validation_failed',
      details: { fieldErrors: [{ field: 'at' }] },
    });
  });

  it('is read page by page, every tool once', async () => {
    const { orgId } = scenario.org;
    const now = new Date();
    await scenario.deps.db.catalogTool.createMany({
      data: Array.from({ length: 150 }, (_, i) => ({
        orgId,
        serverId: scenario.serverId,
        name: `made_${String(i).padStart(3, '0')}`,
        description: 'd'.repeat(3000),
        inputSchema: { type: 'object', description: 's'.repeat(3000) },
        firstSeenAt: now,
        lastSeenAt: now,
      })),
    });
    const names: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await catalog(cursor ? { cursor } : {});
      names.push(...page.tools.map(({ name }) => name));
      cursor = page.nextCursor;
    }
    expect(names).toEqual([...new Set(names)].sort());
    expect(names.filter((name) => name.startsWith('made_'))).toHaveLength(150);
  });
});
