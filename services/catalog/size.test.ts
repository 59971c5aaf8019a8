import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CatalogReport, Tool } from '../../agent/ports.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { type Scripted, startScripted } from '../../tests/support/targets/scripted.ts';
import { connectServer } from '../server/connect.ts';
import { getServer } from '../server/reading/get.ts';
import { recordCatalog } from './record.ts';
import { loadSnapshot, saveSnapshot } from './snapshot.ts';

const mebibyte = 1024 * 1024;
/** Text that doesn't compress well, the same for the same seed. */
const noise = (seed: string, length: number): string => {
  let text = '';
  for (let n = 0; text.length < length; n++) text += createHash('sha512').update(`${seed} ${n}`).digest('base64');
  return text.slice(0, length);
};

let test: TestDeps;
let org: TestOrg;
let hostile: Scripted;
let bytesSent = 0;

beforeAll(async () => {
  test = await testDeps();
  org = await testOrg(test.deps, { role: 'admin' });
  // 99 pages of 20 tools of 390 kB.
  hostile = await startScripted({
    'tools/list': ({ id, params }, response) => {
      const page = Number(params?.cursor ?? 0);
      const tools = Array.from({ length: 20 }, (_, n) => ({
        name: `tool_${page}_${n}`,
        description: noise(`${page} ${n}`, 390_000),
        inputSchema: { type: 'object' },
      }));
      const result = { tools, ...(page < 98 && { nextCursor: String(page + 1) }) };
      const body = JSON.stringify({ jsonrpc: '2.0', id, result });
      bytesSent += body.length;
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      return undefined;
    },
  });
});
afterAll(async () => {
  await hostile.close();
  await test.close();
});

const tables = ['CatalogTool', 'CatalogSnapshot', 'SnapshotTool', 'ToolChange', 'Server', 'ServerProbe'];
async function databaseBytes(): Promise<number> {
  let sum = 0;
  for (const table of tables) {
    const rows = await test.deps.db.$queryRaw<{ bytes: bigint }[]>`
      SELECT pg_total_relation_size(format('%I', ${table}::text)::regclass) AS bytes`;
    sum += Number(rows[0]?.bytes ?? 0);
  }
  return sum;
}

describe('a hostile catalog', () => {
  it('is read up to 4 MiB, cut, and said to be', async () => {
    const before = await databaseBytes();
    const { serverId, probe } = await connectServer(org.ctx, {
      name: 'Hostile',
      transport: 'streamable_http',
      url: hostile.url,
      auth: { kind: 'none' },
    });
    expect(probe).toMatchObject({
      ok: true,
      catalog: {
        complete: false,
        warnings: ['The list is larger than 4 MiB. Only its first 10 tools were read.'],
      },
    });
    expect(bytesSent).toBeLessThan(8 * mebibyte);
    const { server, tools } = await getServer(org.ctx, { serverId: serverId ?? '' });
    expect(tools).toHaveLength(10);
    expect(tools.every(({ description }) => Buffer.byteLength(description) === 16 * 1024)).toBe(true);
    expect(server.catalog).toMatchObject({ complete: false, declaresTools: true });
    expect((await databaseBytes()) - before).toBeLessThan(mebibyte);
  });

  it('takes less than 100 MB of memory', async () => {
    const usual = await startScripted({});
    const program = new URL('../../tests/support/targets/probe-memory.ts', import.meta.url);
    const child = fork(program, [usual.url, hostile.url], {
      // With more, V8 leaves garbage where it is for longer: a measure of its habits, not of what is needed.
      execArgv: [...process.execArgv, '--max-old-space-size=80', '--max-semi-space-size=4'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    child.once('message', resolve).once('error', reject);
    child.once('exit', (code) => reject(new Error(`The probing process ended with ${code} before it answered.`)));
    const grown = Number(await promise);
    child.kill();
    await usual.close();
    expect(grown).toBeLessThan(100);
  });
});

describe('a catalog of 4 MB and 2,000 tools', () => {
  const tool = (n: number, text: string): Tool => ({
    name: `tool_${n}`,
    description: text,
    inputSchema: { type: 'object', properties: { query: { type: 'string', description: noise(`s${n}`, 1000) } } },
  });
  const tools = Array.from({ length: 2000 }, (_, n) => tool(n, noise(`d${n}`, 900)));
  const report: CatalogReport = { unusable: [], warnings: [], complete: true, declaresTools: true };
  let serverId: string;

  beforeAll(async () => {
    expect(JSON.stringify(tools).length).toBeGreaterThan(4_000_000);
    const { serverId: connected } = await connectServer(org.ctx, {
      name: 'Large',
      transport: 'streamable_http',
      url: hostile.url,
      auth: { kind: 'none' },
    });
    serverId = connected ?? '';
  });

  const seeAt = async (seenAt: Date, seen: Tool[]) => {
    const { orgId } = org;
    const hash = await saveSnapshot(test.deps.db, { orgId, serverId, tools: seen });
    await recordCatalog(test.deps, { orgId, serverId, tools: seen, report, source: 'run', seenAt });
    return hash;
  };

  it('is stored once, however often and in whatever order runs see it', { timeout: 240_000 }, async () => {
    const start = Date.now();
    const later = (minutes: number) => new Date(start + minutes * 60_000 + 1);
    const hash = await seeAt(later(1), tools);
    const before = await databaseBytes();
    const runs = 100;
    for (let run = 2; run < runs + 2; run++)
      expect(await seeAt(later(run * 2), run % 2 === 0 ? tools : tools.toReversed())).toBe(hash);
    const grown = (await databaseBytes()) - before;
    expect(grown / runs).toBeLessThan(10_000);
    const loaded = await loadSnapshot(test.deps.db, { orgId: org.orgId, serverId, hash });
    expect(loaded).toHaveLength(2000);
    expect(loaded?.find(({ name }) => name === 'tool_7')).toMatchObject({ description: tools[7]?.description });
  });

  it('shares its tools with a later list that differs in one', async () => {
    const { db } = test.deps;
    const count = () => db.snapshotTool.count({ where: { orgId: org.orgId } });
    const before = await count();
    const changed = tools.map((each, n) => (n === 5 ? tool(5, 'changed') : each));
    const hash = await saveSnapshot(db, { orgId: org.orgId, serverId, tools: changed });
    expect(await count()).toBe(before + 1);
    const loaded = await loadSnapshot(db, { orgId: org.orgId, serverId, hash });
    expect(loaded?.find(({ name }) => name === 'tool_5')?.description).toBe('changed');
  });

  it('can change and vanish as a whole', { timeout: 120_000 }, async () => {
    const at = (minutes: number) => new Date(Date.now() + (1000 + minutes) * 60_000);
    const { orgId } = org;
    const of = { orgId, serverId, report, source: 'run' as const };
    const changed = tools.map((each) => ({ ...each, inputSchema: { type: 'object', required: ['more'] } }));
    expect(await recordCatalog(test.deps, { ...of, tools: changed, seenAt: at(0) })).toHaveLength(2000);
    expect(await recordCatalog(test.deps, { ...of, tools: [], seenAt: at(1) })).toHaveLength(2000);
    expect(await test.deps.db.catalogTool.count({ where: { orgId, serverId, active: true } })).toBe(0);
  });

  it('that is renamed as a whole again and again is recorded up to 16 MiB a day, and that is said', {
    timeout: 240_000,
  }, async () => {
    const at = (hours: number) => new Date(Date.now() + (4000 + hours) * 3_600_000);
    const { orgId } = org;
    const of = { orgId, serverId, report, source: 'run' as const };
    const renamed = (n: number) => tools.map((each) => ({ ...each, name: `${each.name}_${n}` }));
    const { db } = test.deps;
    const rows = () => db.catalogTool.count({ where: { orgId, serverId } });
    let n = 0;
    while ((await recordCatalog(test.deps, { ...of, tools: renamed(n), seenAt: at(n / 60) })).length > 0) n++;
    expect(n).toBeGreaterThan(1);
    expect(n).toBeLessThan(10);
    const before = await rows();
    await recordCatalog(test.deps, { ...of, tools: renamed(n + 1), seenAt: at(1) });
    expect(await rows()).toBe(before);
    const shown = (await getServer(org.ctx, { serverId })).server.catalog;
    expect(shown).toMatchObject({ complete: false, warnings: [expect.stringContaining('More than 16 MiB')] });

    // A day later, it is recorded again.
    expect(await recordCatalog(test.deps, { ...of, tools: renamed(n + 1), seenAt: at(26) })).toHaveLength(4000);
    expect((await getServer(org.ctx, { serverId })).server.catalog).toMatchObject({ complete: true, warnings: [] });
  });
});
