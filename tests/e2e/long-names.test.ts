import { describe, expect } from 'vitest';
import { newId } from '../../services/context/ids.ts';
import { addIncidentNote } from '../../services/incident/add-note.ts';
import { executeRun } from '../../services/run/execution/execute.ts';
import { finishRun } from '../../services/run/execution/finish.ts';
import { connectServer } from '../../services/server/connect.ts';
import { createWorkflow } from '../../services/workflow/create.ts';
import { settingsOf } from '../../web/shell/frame/entries.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { it } from '../support/browser/test.ts';
import { createMonitor } from '../support/browser/workspace.ts';
import { publish } from '../support/product-mcp/publish.ts';
import { startScripted } from '../support/targets/scripted.ts';

const tool = 'a_name_without_any_place_to_break_it_'.repeat(5);
const name = (of: string) => `${of} ${'n'.repeat(90)}`;

describe('a page with long names', () => {
  it('is as wide as the window at every width, and shows long numbers whole', async ({
    app,
    workspace,
    openOwnersPage,
  }) => {
    const { ctx, orgId } = workspace;
    const server = await startScripted({
      'tools/list': () => ({
        result: {
          tools: [
            { name: tool, title: name('Title'), description: name('Text'), inputSchema: { type: 'object' } },
            { name: `${tool}2` },
          ],
        },
      }),
      'tools/call': ({ id }, response) => {
        const result = '{"content":[],"structuredContent":{"id":12345678901234567891}}';
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`);
        return undefined;
      },
    });
    const { serverId } = await connectServer(ctx, {
      name: name('Server'),
      transport: 'streamable_http',
      url: server.url,
      auth: { kind: 'none' },
    });
    const { workflow, version } = await createWorkflow(ctx, {
      definition: {
        name: name('Workflow'),
        serverId: serverId ?? '',
        testerModels: ['builtin/scripted'],
        judgeModel: 'builtin/assertions',
        prompt: `call ${tool} {}`,
        criteria: [{ text: `calls \`${tool}\` exactly once`, isRequired: true }],
      },
    });
    const of = { orgId, serverId: serverId ?? '', workflowId: workflow.id, versionId: version.id };
    const runId = newId();
    await app.deps.db.run.create({
      data: { id: runId, ...of, model: 'builtin/scripted', trigger: 'manual', actorKind: 'system', actorId: 'test' },
    });
    const system = { ...ctx, actor: { kind: 'system' as const, id: 'test', orgId } };
    const attempt = { signal: new AbortController().signal, heartbeat: () => {}, isCanceled: () => false };
    await executeRun(system, { runId, attempt });
    expect(await finishRun(system, { runId, end: 'worked' })).toEqual({ status: 'pass' });
    const monitorId = await createMonitor(ctx, of.serverId, { tool, name: name('Monitor'), arguments: {} });
    await server.close();
    const incidentId = newId();
    await app.deps.db.incident.create({
      data: {
        id: incidentId,
        orgId,
        subjectKind: 'monitor',
        subjectKey: monitorId,
        monitorId,
        serverId,
        level: 'bad',
        summary: name('Summary'),
        cause: { outcome: 'fail', message: tool, changes: [tool] },
        openedAt: new Date(),
        lastFailedAt: new Date(),
      },
    });
    await addIncidentNote(ctx, { incidentId, text: tool });

    const { id: productMcpId } = await publish(ctx, {
      name: name('Product'),
      slug: 's'.repeat(80),
      baseUrl: `${server.url}/${'b'.repeat(120)}`,
      document: {
        openapi: '3.1.0',
        info: { title: name('Document'), version: '1' },
        paths: {
          [`/${'p'.repeat(120)}`]: {
            get: { operationId: tool, tags: [tool], summary: name('Summary'), responses: {} },
          },
          [`/${'q'.repeat(120)}/{x}`]: { get: { responses: {} } },
        },
      },
    });

    const page = await openOwnersPage({ viewport: { width: 390, height: 844 } });
    // All pages of a workspace: add yours.
    const paths = [
      'product-mcps',
      'product-mcps/new',
      `product-mcps/${productMcpId}`,
      ...['docs', 'tools', 'connection', 'usage'].map((tab) => `product-mcps/${productMcpId}/${tab}`),
      'servers',
      'servers/new',
      `servers/${serverId}/tools`,
      `servers/${serverId}/tools?${new URLSearchParams({ tool })}`,
      `servers/${serverId}/coverage`,
      `servers/${serverId}/changes`,
      `servers/${serverId}/connection`,
      `servers/${serverId}/edit`,
      `servers/${serverId}/edit?profile=new`,
      `servers/${serverId}/maintenance`,
      'workflows',
      `workflows/new?server=${serverId}`,
      `workflows/${workflow.id}/edit`,
      `workflows/${workflow.id}/versions`,
      `workflows/${workflow.id}/versions/${version.id}`,
      `workflows/${workflow.id}/alerts`,
      'runs',
      'monitors',
      `monitors/${monitorId}`,
      `monitors/${monitorId}/checks`,
      `monitors/${monitorId}/incidents`,
      'incidents',
      `incidents/${incidentId}`,
      'proposals',
      'alerts',
      'alerts/rules/new',
      'alerts/destinations',
      'alerts/deliveries',
      'alerts/outbox',
      'alerts/maintenance',
      'status-page',
      ...settingsOf('owner').map(({ to }) => `settings/${to}`),
      `servers/${serverId}`,
      `monitors/new?server=${serverId}`,
      `monitors/${monitorId}/edit`,
      `workflows/${workflow.id}`,
      `runs/${runId}`,
    ];
    const tooWide: string[] = [];
    for (const path of paths) {
      await page.goto(`${workspace.url}/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      for (const width of [320, 360, 390, 768, 1024, 1440]) {
        await page.setViewportSize({ width, height: 844 });
        const shown = await page.evaluate(() => document.documentElement.scrollWidth);
        if (shown > width) tooWide.push(`${path} is ${shown} wide at ${width}`);
      }
    }
    expect(tooWide).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${workspace.url}/runs/${runId}`);
    await page.getByRole('link', { name: /^Call 1 a_name/ }).click();
    await page.getByLabel('Result of call 1').first().getByText('12345678901234567891', { exact: true }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await expectAccessible(page, 'run-long-names');
  });
});
