import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import type { Connection } from '../../domain/product-mcp/connection.ts';
import type { Db } from '../../infra/db/index.ts';
import type { Context } from '../context/context.ts';
import { useCase } from '../context/use-case.ts';
import { draftForTool } from '../coverage/draft-for-tool.ts';
import { createMonitors } from '../monitor/create.ts';
import { connectServer } from '../server/connect.ts';
import { createWorkflow } from '../workflow/create.ts';
import { productRef } from './schema.ts';
import { getProductView } from './view.ts';

const maxMonitors = 10;
const maxWorkflows = 2;
const intervalSeconds = 300;

/**
 * Connects an active Product MCP as a server of its own workspace, so that it is tested like any other: its catalog is
 * checked every hour, its read-only tools that need no arguments get monitors, and the first of them workflows. One
 * that is connected already stays so.
 * @throws ArmatureError `product_mcp_not_found`, `conflict` (it isn't active), `sync_failed` (it does not answer)
 */
export const connectProductServer = useCase({
  name: 'product_mcp.connect_server',
  access: 'admin',
  input: productRef.extend({
    /** As a caller sends it. Kept in the secrets store, for tests alone. */
    credential: z.string().trim().min(1, 'Enter a credential for the tests.').max(8000),
  }),
  async run(
    { ctx, orgId, db, write },
    { productMcpId, credential },
  ): Promise<{ serverId: string; monitorCount: number; workflowCount: number }> {
    const product = await getProductView(ctx.deps, { orgId, productMcpId });
    if (product.server) return { serverId: product.server.id, monitorCount: 0, workflowCount: 0 };
    if (product.state !== 'active' || product.connection === null)
      throw new ArmatureError('conflict', 'This Product MCP is not active.', 'Activate it first.');
    const { serverId, probe } = await connectServer(ctx, {
      name: product.name,
      transport: 'streamable_http',
      ...toEndpoint(product.url, product.connection, credential),
    });
    if (serverId === null || !probe.ok)
      throw new ArmatureError(
        'sync_failed',
        probe.ok ? 'The server was not saved.' : probe.failure.message,
        probe.ok ? 'Try again.' : probe.failure.remediation,
      );
    await write(
      (tx) => tx.productMcp.update({ where: { orgId_id: { orgId, id: productMcpId } }, data: { serverId } }),
      { subject: productMcpId, data: { serverId } },
    );
    const calls =
      product.mode === 'search'
        ? [{ tool: 'search_operations', arguments: { query: 'list' } }]
        : await findSafeCalls(db, { orgId, serverId });
    const monitors = calls.slice(0, maxMonitors);
    if (monitors.length > 0) await createMonitors(ctx, { serverId, intervalSeconds, monitors });
    const starters = calls.slice(0, maxWorkflows);
    for (const { tool } of starters) await createStarter(ctx, { serverId, tool });
    return { serverId, monitorCount: monitors.length, workflowCount: starters.length };
  },
});

function toEndpoint(url: string, { source }: Connection, credential: string) {
  if (source.in === 'query') {
    const full = new URL(url);
    full.searchParams.set(source.name, credential);
    return { url: full.href, auth: { kind: 'none' } as const };
  }
  return source.name.toLowerCase() === 'authorization'
    ? { url, auth: { kind: 'bearer', token: credential } as const }
    : { url, auth: { kind: 'api_key_header', header: source.name, value: credential } as const };
}

const annotated = z.object({ readOnlyHint: z.literal(true) });
const needsNothing = z.object({ required: z.array(z.string()).max(0).optional() });

/** Calls that change nothing and need no arguments. */
async function findSafeCalls(db: Db, { orgId, serverId }: { orgId: string; serverId: string }) {
  const tools = await db.catalogTool.findMany({
    where: { orgId, serverId, active: true },
    orderBy: { name: 'asc' },
    select: { name: true, annotations: true, inputSchema: true },
  });
  return tools
    .filter(
      ({ annotations, inputSchema }) =>
        annotated.safeParse(annotations).success && needsNothing.safeParse(inputSchema).success,
    )
    .map(({ name }) => ({ tool: name, arguments: {} }));
}

async function createStarter(ctx: Context, of: { serverId: string; tool: string }): Promise<void> {
  const { definition } = await draftForTool(ctx, of);
  await createWorkflow(ctx, { definition });
}
