import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { temporalNames } from '../../../domain/run/ids.ts';
import { newId } from '../../../services/context/ids.ts';
import { checkMonitorsNow } from '../../../services/monitor/check-now.ts';
import { createMonitors } from '../../../services/monitor/create.ts';
import { connectServer } from '../../../services/server/connect.ts';
import { createWorkflow } from '../../../services/workflow/create.ts';
import { bearer, connectAgent, pathOf, publish, startApi } from '../../support/product-mcp/publish.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { searchDatabase } from '../../support/setup/search-database.ts';

/** Of a caller, and of the tests of the same server. Nobody else has them. */
const secrets = ['caller', 'tests'].map((of) => `${of}-${randomBytes(12).toString('hex')}`);
const [ofCaller = '', ofTests = ''] = secrets;

let scenario: Scenario;
let api: Awaited<ReturnType<typeof startApi>>;
let upstream: Server;
const received: string[] = [];

beforeAll(async () => {
  scenario = await startScenario();
  api = await startApi(scenario.deps);
  upstream = createServer((request, response) => {
    const sent = request.headers.authorization ?? '';
    received.push(sent);
    // The API repeats the credential where it can.
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ you: sent, [sent]: [sent] }));
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await api?.close();
  upstream?.close();
  await scenario?.close();
});

it('no history of Temporal has a credential, whatever tests the server', async () => {
  const { ctx, deps, database } = scenario;
  const { port } = z.object({ port: z.number() }).parse(upstream.address());
  const operation = { operationId: 'echo', responses: {} };
  const product = await publish(ctx, {
    document: { openapi: '3.1.0', info: { title: 'Echo', version: '1' }, paths: { '/echo': { get: operation } } },
    baseUrl: `http://127.0.0.1:${port}`,
  });
  const url = `${api.origin}${pathOf(product)}`;
  const agent = await connectAgent(url, bearer(ofCaller));
  await agent.callTool({ name: 'echo', arguments: {} });
  await agent.close();

  const auth = { kind: 'bearer', token: ofTests } as const;
  const connected = await connectServer(ctx, { name: 'Echo', transport: 'streamable_http', url, auth });
  const serverId = connected.serverId ?? expect.fail('the server was not connected');
  const { monitors } = await createMonitors(ctx, {
    serverId,
    intervalSeconds: 300,
    monitors: [{ tool: 'echo', arguments: {} }],
  });
  const monitorIds = monitors.map(({ id }) => id);
  await checkMonitorsNow(ctx, { monitorIds, key: newId() });
  const { workflow } = await createWorkflow(ctx, {
    definition: {
      name: 'Echo',
      serverId,
      testerModels: ['builtin/scripted'],
      judgeModel: 'builtin/assertions',
      prompt: 'call echo {}',
      criteria: [{ text: 'no tool call fails', isRequired: true }],
    },
  });
  const ended = await scenario.finished(await scenario.dispatch(workflow.id));
  expect(ended.run.status).toBe('pass');
  const health = () =>
    deps.db.monitorHealth.findFirst({ where: { orgId: ctx.actor.kind === 'visitor' ? '' : ctx.actor.orgId } });
  await expect.poll(health).toMatchObject({ outcome: 'pass' });

  for (const secret of secrets) expect(received).toContain(`Bearer ${secret}`);
  const histories = await readHistories();
  for (const [id, texts] of histories)
    for (const secret of secrets)
      expect(
        texts.filter((text) => text.includes(secret)),
        id,
      ).toEqual([]);
  for (const name of [database.url, database.secretsUrl])
    for (const secret of secrets) expect(await searchDatabase(name, secret)).toEqual([]);
});

/** All texts of each execution of this installation's: payloads as Temporal keeps them, and everything else. */
async function readHistories(): Promise<Map<string, string[]>> {
  const { client } = scenario.deps.temporal;
  const { prefix } = temporalNames(scenario.deps.config.installation);
  const found = new Map<string, string[]>();
  const read = async () => {
    for await (const { workflowId, runId } of client.workflow.list({ query: `WorkflowId STARTS_WITH "${prefix}"` })) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      found.set(`${workflowId} ${runId}`, listTexts(history));
    }
    return found.size;
  };
  // Executions are listed some time after they have started.
  await expect.poll(read).toBeGreaterThan(1);
  expect([...found.keys()].sort()).toEqual(['check', 'run'].map((kind) => expect.stringContaining(`:${kind}/`)));
  return found;
}

function listTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('utf8')];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => [name, ...listTexts(item)]);
}
