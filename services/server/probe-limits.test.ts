import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDeps, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { type Scripted, startScripted } from '../../tests/support/targets/scripted.ts';
import { syncServer } from '../catalog/sync.ts';
import { connectServer } from './connect.ts';
import { probeServer } from './probe.ts';
import { probeSavedServer } from './probe-saved.ts';

let test: TestDeps;
let server: Scripted;
/** Requests for tools that wait until `answer`. */
let held: (() => void)[] = [];
let isHolding = false;

beforeAll(async () => {
  test = await testDeps();
  server = await startScripted({
    'tools/list': ({ id }, response) => {
      const tools = [{ name: 'work', inputSchema: { type: 'object' } }];
      const answer = () => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result: { tools } }));
      };
      if (isHolding) held.push(answer);
      else answer();
      return undefined;
    },
  });
});
afterAll(async () => {
  await server.close();
  await test.close();
});

const target = () => ({ transport: 'streamable_http' as const, url: server.url, auth: { kind: 'none' as const } });
const hold = () => {
  isHolding = true;
  held = [];
};
const release = () => {
  isHolding = false;
  for (const answer of held) answer();
};
const limited = { code: 'rate_limited', details: { retryAfterSeconds: 5 } };

describe('concurrent probes', () => {
  it('are limited to two of a workspace, in all ways of probing, and leave no trace when refused', async () => {
    const org = await testOrg(test.deps, { role: 'admin' });
    const other = await testOrg(test.deps, { role: 'admin' });
    const { serverId } = await connectServer(org.ctx, { ...target(), name: 'Saved' });
    const saved = { serverId: serverId ?? '' };
    hold();
    const running = [probeServer(org.ctx, target()), probeServer(org.ctx, target())];
    await expect.poll(() => held.length).toBe(2);
    await expect(probeServer(org.ctx, target())).rejects.toMatchObject(limited);
    await expect(connectServer(org.ctx, { ...target(), name: 'New' })).rejects.toMatchObject(limited);
    await expect(probeSavedServer(org.ctx, saved)).rejects.toMatchObject(limited);
    await expect(syncServer(org.ctx, saved)).rejects.toMatchObject(limited);
    const elsewhere = probeServer(other.ctx, target());
    await expect.poll(() => held.length).toBe(3);
    release();
    for (const { probe } of await Promise.all([...running, elsewhere])) expect(probe).toMatchObject({ ok: true });
    // Neither the cooldown nor the ten seconds of the refused ones have begun.
    await expect(syncServer(org.ctx, saved)).resolves.toMatchObject({ toolCount: 1 });
  });

  it('are limited to eight of a process', async () => {
    const orgs = await Promise.all(Array.from({ length: 5 }, () => testOrg(test.deps, { role: 'admin' })));
    hold();
    const running = orgs.slice(0, 4).flatMap(({ ctx }) => [probeServer(ctx, target()), probeServer(ctx, target())]);
    await expect.poll(() => held.length).toBe(8);
    const last = orgs[4]?.ctx;
    if (!last) return expect.unreachable();
    await expect(probeServer(last, target())).rejects.toMatchObject(limited);
    release();
    await Promise.all(running);
    await expect(probeServer(last, target())).resolves.toMatchObject({ probe: { ok: true } });
  });
});
