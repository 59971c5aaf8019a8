import { Client } from 'pg';
import { expect } from 'vitest';
import { fillDemo } from '../../scripts/demo/fill.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { itWithWorker as it } from '../support/browser/test.ts';

it('fills a workspace as a team would have it, whose pages show weeks of history', async ({
  page,
  workspace,
  shop,
  app,
}) => {
  const { ctx, orgId, url } = workspace;
  const owner = new Client({ connectionString: app.database.ownerUrl });
  await owner.connect();
  await fillDemo({ ctx: { ...ctx, actor: { kind: 'member', id: ctx.actor.id, orgId, role: 'owner' } }, owner, shop });
  await owner.end();
  const { db } = app.deps;
  const runs = await db.run.groupBy({ by: ['status'], where: { orgId }, _count: true });
  expect(runs.find(({ status }) => status === 'pass')?._count).toBeGreaterThan(200);
  expect(runs.find(({ status }) => status === 'fail')?._count).toBeGreaterThan(20);
  const { id: orders } = await db.server.findFirstOrThrow({ where: { orgId, name: 'Orders' } });
  await page.goto(url);
  await page.getByText('Answer where an order is').filter({ visible: true }).first().waitFor();
  await expectAccessible(page, 'demo-home');
  for (const [path, text] of [
    ['workflows', 'Order a mug and find it again'],
    ['runs', 'Compare two products'],
    ['monitors', 'Search finds mugs'],
    ['servers', 'Support desk'],
    ['incidents?state=closed', 'Orders'],
    ['alerts/deliveries', 'Orders answers again'],
    ['proposals', 'Answer where an order is'],
    ['coverage', 'Storefront'],
    [`servers/${orders}/changes`, 'check_stock'],
  ] as const) {
    await page.goto(`${url}/${path}`);
    await page.getByText(text).filter({ visible: true }).first().waitFor();
    await expectAccessible(page, `demo-${path.replace(/\W/g, '-')}`);
  }
});
