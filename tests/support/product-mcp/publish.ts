import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { RequestHandler } from 'express';
import type { z } from 'zod';
import { createApp } from '../../../api/app.ts';
import { listen } from '../../../api/listen.ts';
import type { Context, Deps } from '../../../services/context/context.ts';
import { createProduct } from '../../../services/product-mcp/create.ts';
import { activateDocument } from '../../../services/product-mcp/document/activate.ts';
import { uploadDocument } from '../../../services/product-mcp/document/upload.ts';
import type { setConnectionInput } from '../../../services/product-mcp/schema.ts';
import { setConnection } from '../../../services/product-mcp/set-connection.ts';
import { setProductState } from '../../../services/product-mcp/set-state.ts';
import type { ProductView } from '../../../services/product-mcp/view.ts';

type ConnectionInput = z.input<typeof setConnectionInput>['connection'];

const noPages: RequestHandler = (_request, response) => {
  response.status(404).type('text').send('No page.');
};

/** The whole api process but for its pages. */
export async function startApi(deps: Deps): Promise<{ origin: string; close(): Promise<void> }> {
  const server = await listen(await createApp(deps, noPages), { port: 0, host: '127.0.0.1' });
  return { origin: `http://127.0.0.1:${server.port}`, close: server.close };
}

/** A Product MCP that is active. */
export async function publish(
  ctx: Context,
  {
    document,
    baseUrl,
    name = 'Shop API',
    slug = `p-${crypto.randomUUID().slice(0, 8)}`,
    connection = { check: { kind: 'presence_only' } },
    origins = [],
  }: {
    document: unknown;
    baseUrl: string;
    name?: string;
    slug?: string;
    connection?: ConnectionInput;
    origins?: string[];
  },
): Promise<ProductView> {
  const { productMcp } = await createProduct(ctx, { name, slug, baseUrl });
  const productMcpId = productMcp.id;
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const uploaded = await uploadDocument(ctx, { productMcpId, source: { kind: 'text', text } });
  await activateDocument(ctx, { productMcpId, documentId: uploaded.document.id, origins });
  await setConnection(ctx, { productMcpId, connection });
  return (await setProductState(ctx, { productMcpId, state: 'active' })).productMcp;
}

/** The path of a Product MCP, for the api process of a test. */
export const pathOf = ({ url }: ProductView): string => new URL(url).pathname;

/** Headers that carry a credential as the default connection takes it. */
export const bearer = (credential: string): Record<string, string> => ({ authorization: `Bearer ${credential}` });

export type Era = 'new' | 'old';

/** A client of the SDK's current generation on 2026-07-28, or one of the generation before. */
export async function connectAgent(
  url: string,
  headers: Record<string, string>,
  era: Era = 'new',
): Promise<Pick<Client, 'listTools' | 'callTool' | 'close'>> {
  if (era === 'new') {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
    return client;
  }
  const client = new OldClient({ name: 'older', version: '1' });
  const transport = new OldTransport(new URL(url), { requestInit: { headers } });
  // SDK v1's own types don't match under exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<OldClient['connect']>[0]);
  return client as unknown as Pick<Client, 'listTools' | 'callTool' | 'close'>;
}
