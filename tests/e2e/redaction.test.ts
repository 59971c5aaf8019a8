import { Client as Postgres } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ToolResult } from '../../domain/run/run.ts';
import { createRule } from '../../services/alert-rule/create.ts';
import { createApiKey } from '../../services/api-key/create.ts';
import { syncServer } from '../../services/catalog/sync.ts';
import { runChecks } from '../../services/check/run-batch.ts';
import type { Context } from '../../services/context/context.ts';
import { newId } from '../../services/context/ids.ts';
import { createMonitors } from '../../services/monitor/create.ts';
import { testCall } from '../../services/monitor/tool-call/test-call.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { getRun } from '../../services/run/reading/get.ts';
import { getTrace } from '../../services/run/trace/trace.ts';
import { connectServer } from '../../services/server/connect.ts';
import { createWorkflow } from '../../services/workflow/create.ts';
import type { RunningWorker } from '../../worker/start.ts';
import { connect } from '../contract/mcp/endpoint.ts';
import { until } from '../faults/process.ts';
import { startApp, type TestApp } from '../support/browser/app.ts';
import { signUp, type Workspace } from '../support/browser/workspace.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { startTestWorker } from '../support/setup/worker.ts';
import { type Answer, type Scripted, startScripted } from '../support/targets/scripted.ts';

describe("other servers' header and query values", () => {
  let scenario: Scenario;
  let other: Scripted;
  beforeAll(async () => {
    scenario = await startScenario();
    other = await startScripted();
  });
  afterAll(async () => {
    await other?.close();
    await scenario?.close();
  });

  it('change neither the trace nor the verdict of a run', async () => {
    const workflowId = await scenario.workflow();
    const run = async () => {
      const runId = await scenario.dispatch(workflowId);
      const { run, results } = await scenario.finished(runId);
      const { calls, events } = await getTrace(scenario.ctx, { runId });
      const shape = JSON.stringify({
        status: run.status,
        results: results.map(({ text, verdict, rationale }) => ({ text, verdict, rationale })),
        calls: calls.map(({ tool, outcome, result }) => ({ tool, outcome, keys: listKeys(result) })),
        events: events.map(({ type }) => type),
      });
      return { shape, all: JSON.stringify([run, results, calls, events]) };
    };
    const before = await run();
    const target = { transport: 'streamable_http', url: other.url, auth: { kind: 'none' } } as const;
    for (const [index, server] of [
      { url: `${other.url}?debug=true&stage=order` },
      { headers: { 'X-Env': 'production', 'X-Year': '2024' } },
      { headers: { 'X-Secret': 'confirmed-order', 'X-Tool': 'create_order', 'X-Product': 'MUG-001-' } },
    ].entries())
      await connectServer(scenario.ctx, { ...target, ...server, name: `Other ${index}` });
    const after = await run();
    expect(before.shape).toContain('"status":"pass"');
    expect(after.shape).toBe(before.shape);
    expect(after.all).not.toContain('[redacted]');
  });
});

/** Without the list of long numbers where it is empty: some random ids look like such a number. */
const listKeys = (result: ToolResult | null | undefined) =>
  Object.keys(result ?? {}).filter(
    (key) => key !== 'exactNumbers' || Object.keys(result?.exactNumbers ?? {}).length > 0,
  );

const secret = 'CANARY-9f/Kx+Z"q&7=x1';
/** As a server might repeat it. */
const spelled = [
  secret,
  secret.toLowerCase(),
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  Buffer.from(secret).toString('hex'),
  Buffer.from(secret).toString('base64'),
  Buffer.from(`user:${secret}`).toString('base64'),
  secret.replaceAll('&', '&amp;').replaceAll('"', '&quot;'),
];
const said = spelled.map((text) => `key (${text})`).join(' ');

describe('a server that repeats its own secret everywhere', () => {
  let app: TestApp;
  let workspace: Workspace;
  let ctx: Context;
  let worker: RunningWorker;
  let server: Scripted;
  beforeAll(async () => {
    app = await startApp({ env: { ARMATURE_OPEN_SIGNUP: 'true', ARMATURE_HEARTBEAT_SECONDS: '4' } });
    workspace = await signUp(app);
    ({ ctx } = workspace);
    await app.deps.temporal.ensureSearchAttributes();
    worker = await startTestWorker(app.deps);
    server = await startScripted(talkative);
  });
  afterAll(async () => {
    await worker?.stop();
    await server?.close();
    await app?.close();
  });

  it('leaves no trace of it in the database, on pages, in alerts and in answers', async () => {
    const { serverId, probe } = await connectServer(ctx, {
      name: 'Talkative',
      transport: 'streamable_http',
      url: `${server.url}?tok=${encodeURIComponent(secret)}`,
      headers: { 'X-Canary': `Token ${secret}` },
      auth: { kind: 'bearer', token: secret },
    });
    if (serverId === null) throw new Error(JSON.stringify(probe));
    await createRule(ctx, {
      name: 'All',
      target: { kind: 'all_monitors' },
      destination: { kind: 'email', address: 'ada@example.com' },
    });
    const { monitors } = await createMonitors(ctx, {
      serverId,
      intervalSeconds: 60,
      monitors: ['work', 'fail', 'refuse', 'broken'].map((tool) => ({ tool, arguments: {} })),
    });
    const answers: unknown[] = [probe, await testCall(ctx, { serverId, tool: 'refuse', arguments: {} })];
    const actor = { kind: 'system' as const, id: 'test', orgId: workspace.orgId };
    const scheduledAt = new Date().toISOString();
    const attempt = { signal: new AbortController().signal, heartbeat: () => {}, isCanceled: () => false };
    const check = (at: string) =>
      runChecks({ ...ctx, actor }, { serverId, intervalSeconds: 60, scheduledAt: at, attempt });
    // A monitor opens incidents once it has passed.
    isWell = true;
    await check(new Date(Date.parse(scheduledAt) - 1).toISOString());
    isWell = false;
    await check(scheduledAt);

    const { workflow } = await createWorkflow(ctx, {
      definition: {
        name: 'Repeat',
        serverId,
        testerModels: ['builtin/scripted'],
        judgeModel: 'builtin/assertions',
        prompt: 'call work {}\ncall fail {}\ncall refuse {}\ncall broken {}',
        criteria: [{ text: '`work` result contains "[redacted]"', isRequired: true }],
      },
    });
    const { runs } = await dispatchRun(ctx, { workflowId: workflow.id, idempotencyKey: newId() });
    const runId = runs[0]?.runId ?? '';
    const { run, results } = await until('the run ends', async () => {
      const found = await getRun(ctx, { runId });
      return found.run.finishedAt ? found : undefined;
    });
    expect({ status: run.status, verdicts: results.map(({ verdict }) => verdict) }).toEqual({
      status: 'pass',
      verdicts: ['pass'],
    });
    expect(run.finalAnswer).toContain('[redacted]');
    answers.push(await syncServer(ctx, { serverId }).catch((error: unknown) => String(error)));

    const { key } = await createApiKey(ctx, { name: 'Tests' });
    const client = await connect(`${app.url}/api/mcp`, key);
    answers.push(
      await client.callTool({ name: 'list_mcp_servers', arguments: {} }),
      await client.callTool({ name: 'inspect_run', arguments: { runId } }),
      await client.callTool({ name: 'get_org_health', arguments: {} }),
      await client.readResource({ uri: `armature://mcp-servers/${serverId}/tool-catalog` }),
    );
    await client.close();

    const pages = [
      'servers',
      `servers/${serverId}`,
      `servers/${serverId}/tools`,
      `servers/${serverId}/connection`,
      `servers/${serverId}/edit`,
      `runs/${runId}`,
      `runs/${runId}/transcript`,
      `runs/${runId}/raw`,
      `runs/${runId}/trace`,
      ...Array.from({ length: 8 }, (_, seq) => `runs/${runId}/trace?step=${seq}`),
      'incidents',
      'alerts/outbox',
      ...monitors.map(({ id }) => `monitors/${id}`),
    ];
    for (const page of pages) {
      const answer = await fetch(`${workspace.url}/${page}`, { headers: { cookie: workspace.cookie } });
      expect({ page, status: answer.status }).toEqual({ page, status: 200 });
      answers.push(await answer.text());
    }

    const told = { answers: answers.map((answer) => JSON.stringify(answer)).join('\n'), database: await dump() };
    expect(told.answers).toContain('[redacted]');
    for (const table of ['Check_', 'Incident', 'Delivery', 'TraceEvent', 'ToolCall', 'CatalogTool', 'Server'])
      expect(told.database.includes(`\n${table}`), table).toBe(true);
    for (const [place, text] of Object.entries(told)) {
      for (const spelling of spelled) expect(text.includes(spelling), `${spelling} in the ${place}`).toBe(false);
      expect(text.includes('CANARY-9f'), `a part in the ${place}`).toBe(false);
    }
  });

  /** All rows of all tables, as text. */
  async function dump(): Promise<string> {
    const client = new Postgres({ connectionString: app.database.ownerUrl });
    await client.connect();
    try {
      const tables = await client.query<{ name: string }>(
        `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
      );
      const lines: string[] = [];
      for (const { name } of tables.rows) {
        const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t`);
        lines.push(...rows.map(({ row }) => `${name}: ${row}`));
      }
      return lines.join('\n');
    } finally {
      await client.end();
    }
  }
});

const tool = (name: string) => ({
  name,
  title: said,
  description: said,
  inputSchema: {
    type: 'object',
    description: said,
    properties: { note: { type: 'string', default: secret, examples: spelled, description: said } },
  },
  annotations: { title: said },
});

let isWell = false;
const talkative: { [method: string]: Answer } = {
  initialize: () => ({
    result: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {}, resources: {} },
      serverInfo: { name: said, version: secret },
    },
  }),
  'tools/list': () => ({ result: { tools: ['work', 'fail', 'refuse', 'broken'].map(tool) } }),
  'tools/call': ({ params }, response) => {
    switch (isWell ? 'work' : params?.name) {
      case 'refuse':
        return { error: { code: -32000, message: `${'x'.repeat(480)} ${said}`, data: said } };
      case 'broken':
        response.writeHead(500, { 'content-type': 'text/plain' }).end(`${'x'.repeat(480)} ${said}`);
        return undefined;
      default: {
        const content = [
          { type: 'text', text: said },
          { type: 'text', text: JSON.stringify({ said, token: secret }) },
          { type: 'resource', resource: { uri: `x://${encodeURIComponent(secret)}`, text: said } },
        ];
        return {
          result: {
            content,
            structuredContent: { said, [secret]: [secret] },
            isError: params?.name === 'fail' && !isWell,
          },
        };
      }
    }
  },
};
