import { afterAll, beforeAll, expect, it } from 'vitest';
import { startProtectedServer } from '../../../tests/support/oauth/protected-server.ts';
import { startProvider } from '../../../tests/support/oauth/provider.ts';
import { connectProtected, signIn } from '../../../tests/support/oauth/scenario.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import { syncServer } from '../../catalog/sync.ts';
import { runCheckNow } from '../../check/run-now.ts';
import { newId } from '../../context/ids.ts';
import { createMonitors } from '../../monitor/create.ts';

let test: TestDeps;
let org: TestOrg;
let clock = 0;
beforeAll(async () => {
  test = await testDeps({ now: () => new Date(Date.now() + clock) });
  org = await testOrg(test.deps);
});
afterAll(() => test?.close());

it('the end of a sign-in is one incident, and signing in again brings every monitor back at its next check', async () => {
  const provider = await startProvider();
  const server = await startProtectedServer(provider);
  const kind = 'oauth_authorization_code';
  const { serverId, authProfileId } = await connectProtected(org.ctx, server.url, { kind, issuer: provider.issuer });
  await signIn(org.ctx, authProfileId);
  await syncServer(org.ctx, { serverId });
  const { monitors } = await createMonitors(org.ctx, {
    serverId,
    intervalSeconds: 3600,
    monitors: ['mug', 'cup', 'bowl'].map((query) => ({ tool: 'search_products', arguments: { query } })),
  });
  async function checkAll() {
    clock += 60_000;
    const key = newId();
    const requestedAt = test.deps.now().toISOString();
    const attempt = { signal: new AbortController().signal, heartbeat: () => {}, isCanceled: () => false };
    for (const { id } of monitors) await runCheckNow(org.asSystem(), { monitorId: id, key, requestedAt, attempt });
    const checks = await test.deps.db.check.findMany({ where: { orgId: org.orgId, key } });
    return checks.map(({ outcome, errorKind }) => errorKind ?? outcome);
  }
  const listOpen = () =>
    test.deps.db.incident.findMany({ where: { orgId: org.orgId, closedAt: null, parentId: null } });

  expect(await checkAll()).toEqual(['pass', 'pass', 'pass']);
  provider.store.revokeAll();
  expect(await checkAll()).toEqual(['auth', 'auth', 'auth']);
  expect(await listOpen()).toMatchObject([{ subjectKind: 'auth_profile', subjectKey: authProfileId }]);

  await signIn(org.ctx, authProfileId);
  expect(await checkAll()).toEqual(['pass', 'pass', 'pass']);
  expect(await listOpen()).toEqual([]);
  await server.close();
  await provider.close();
});
