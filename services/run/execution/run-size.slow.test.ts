import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import { type Scripted, startScripted } from '../../../tests/support/targets/scripted.ts';
import { newId } from '../../context/ids.ts';
import { connectServer } from '../../server/connect.ts';
import { createWorkflow } from '../../workflow/create.ts';
import { getRun } from '../reading/get.ts';
import { getTrace } from '../trace/trace.ts';
import { executeRun } from './execute.ts';
import { finishRun } from './finish.ts';

const toolCount = 2000;
const runs = 200;
/** Text that doesn't compress well, the same for the same seed. */
const noise = (seed: number): string =>
  Array.from({ length: 11 }, (_, n) => createHash('sha512').update(`${seed} ${n}`).digest('base64')).join('');
const tools = Array.from({ length: toolCount }, (_, n) => ({
  name: `a_tool_with_a_name_of_ordinary_length_${n}`,
  description: noise(n),
  inputSchema: { type: 'object', properties: { query: { type: 'string', description: noise(-n) } } },
}));
const [first = ''] = tools.map(({ name }) => name);

describe('a run against an unchanged catalog of 4 MB and 2,000 tools', () => {
  let test: TestDeps;
  let org: TestOrg;
  let large: Scripted;
  let of: { orgId: string; serverId: string; workflowId: string; versionId: string };

  beforeAll(async () => {
    test = await testDeps();
    org = await testOrg(test.deps);
    const bytes = JSON.stringify(tools).length;
    expect(bytes).toBeGreaterThan(3_900_000);
    expect(bytes).toBeLessThan(4 * 1024 * 1024);
    large = await startScripted({ 'tools/list': () => ({ result: { tools } }) });
    const { serverId } = await connectServer(org.ctx, {
      name: 'Large',
      transport: 'streamable_http',
      url: large.url,
      auth: { kind: 'none' },
    });
    const { workflow, version } = await createWorkflow(org.ctx, {
      definition: {
        name: 'Call the first tool',
        serverId: serverId ?? '',
        testerModels: ['builtin/scripted'],
        judgeModel: 'builtin/assertions',
        prompt: `call ${first} {}`,
        criteria: [
          { text: `calls \`${first}\` exactly once`, isRequired: true },
          { text: 'calls `absent` exactly once', isRequired: false },
        ],
      },
    });
    of = { orgId: org.orgId, serverId: serverId ?? '', workflowId: workflow.id, versionId: version.id };
  });
  afterAll(async () => {
    await large.close();
    await test.close();
  });

  const run = async (): Promise<string> => {
    const id = newId();
    const { deps } = test;
    await deps.db.run.create({
      data: { id, ...of, model: 'builtin/scripted', trigger: 'manual', actorKind: 'system', actorId: 'test' },
    });
    const ctx = org.asSystem();
    const attempt = { signal: new AbortController().signal, heartbeat: () => {}, isCanceled: () => false };
    await executeRun(ctx, { runId: id, attempt });
    expect(await finishRun(ctx, { runId: id, end: 'worked' })).toEqual({ status: 'pass' });
    return id;
  };
  const bytesByTable = async (): Promise<Map<string, number>> => {
    const rows = await test.deps.db.$queryRaw<{ name: string; bytes: number }[]>`
      SELECT "relname" AS "name", pg_total_relation_size("oid")::float8 AS "bytes"
      FROM pg_class WHERE "relkind" = 'r' AND "relnamespace" = 'public'::regnamespace`;
    return new Map(rows.map(({ name, bytes }) => [name, bytes]));
  };

  it('adds less than 10 kB of everything, and keeps what it was offered', async ({ annotate }) => {
    await run();
    const before = await bytesByTable();
    let last = '';
    for (let n = 0; n < runs; n++) last = await run();
    const grown = [...(await bytesByTable())]
      .map(([name, bytes]) => ({ name, perRun: Math.round((bytes - (before.get(name) ?? 0)) / runs) }))
      .filter(({ perRun }) => perRun > 0);
    const perRun = grown.reduce((sum, table) => sum + table.perRun, 0);
    await annotate(`${perRun} bytes a run: ${grown.map((table) => `${table.name} ${table.perRun}`).join(', ')}`);
    expect(perRun).toBeLessThan(10_000);

    const names = [...tools.map(({ name }) => name), 'list_resources', 'read_resource'];
    const { events } = await getTrace(org.ctx, { runId: last });
    expect(events[0]).toMatchObject({ type: 'connected', offered: names });
    expect(events[0]).not.toHaveProperty('offeredHash');
    const { results } = await getRun(org.ctx, { runId: last });
    expect(results[1]?.rationale).toBe('`absent` was never called; it was not among the tools offered to the agent.');
  });
});
