import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { connectShop, createMonitor, createWorkflow } from '../../tests/support/browser/workspace.ts';
import { type TestDeps, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { newId } from '../context/ids.ts';
import { search } from './search.ts';

let test: TestDeps;
let shop: ShopServer;
beforeAll(async () => {
  test = await testDeps();
  shop = await startShopServer();
});
afterAll(async () => {
  await shop?.close();
  await test?.close();
});

describe('the search of a workspace', () => {
  it('finds by the beginnings of words and by the beginning of a run id, nothing of others, and at most 20', async () => {
    const { deps } = test;
    const [mine, theirs] = [await testOrg(deps), await testOrg(deps)];
    const found: { [org: string]: { serverId: string; workflowId: string } } = {};
    for (const { ctx, orgId } of [mine, theirs]) {
      const serverId = await connectShop(ctx, shop);
      const workflowId = await createWorkflow(ctx, {
        name: 'Order a mug 100%',
        serverId,
        prompt: 'call search_products {}',
        criteria: [{ text: 'no tool call fails', isRequired: true }],
      });
      await createMonitor(ctx, serverId, { tool: 'get_order', name: 'get_order', arguments: { order_id: '1' } });
      found[orgId] = { serverId, workflowId };
    }
    const of = async (query: string) =>
      (await search(mine.ctx, { query })).results.map(({ kind, name }) => `${kind} ${name}`);
    expect(await of('or')).toEqual(['workflow Order a mug 100%', 'monitor get_order']);
    expect(await of('MUG ord')).toEqual(['workflow Order a mug 100%']);
    expect(await of('rder')).toEqual([]);
    expect(await of('sho')).toEqual(['server Shop']);
    // Signs of patterns are only text.
    expect(await of('%')).toEqual([]);
    expect(await of('100%')).toEqual(['workflow Order a mug 100%']);
    expect(await of(' ')).toEqual([]);

    const runOf = async (orgId: string) => {
      const { serverId = '', workflowId = '' } = found[orgId] ?? {};
      const { id: versionId } = await deps.db.workflowVersion.findFirstOrThrow({ where: { orgId, workflowId } });
      const id = newId();
      const of = { orgId, serverId, workflowId, versionId };
      await deps.db.run.create({
        data: { id, ...of, model: 'builtin/scripted', trigger: 'manual', actorKind: 'system', actorId: 'test' },
      });
      return id;
    };
    const [own, others] = [await runOf(mine.orgId), await runOf(theirs.orgId)];
    expect((await search(mine.ctx, { query: own })).results).toEqual([
      { kind: 'run', id: own, name: 'Order a mug 100%', detail: own.slice(0, 8) },
    ]);
    expect((await search(mine.ctx, { query: own.slice(0, 30) })).results.map(({ id }) => id)).toEqual([own]);
    expect((await search(mine.ctx, { query: others })).results).toEqual([]);

    const { serverId = '' } = found[mine.orgId] ?? {};
    const template = await deps.db.monitor.findFirstOrThrow({ where: { orgId: mine.orgId } });
    const { arguments: args, ...rest } = template;
    await deps.db.monitor.createMany({
      data: Array.from({ length: 1000 }, (_, index) => ({
        ...rest,
        arguments: Object(args),
        id: newId(),
        argumentsKey: `key-${index}`,
        slug: `many-${index}`,
        name: `Many ${index}`,
        serverId,
      })),
    });
    expect((await search(mine.ctx, { query: 'many' })).results).toHaveLength(20);
  });
});
