import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { Endpoint } from '../../../infra/mcp-target/index.ts';

/** The SDK's transports declare `sessionId` so that `exactOptionalPropertyTypes` refuses them. */
const asTransport = (transport: StreamableHTTPClientTransport | SSEClientTransport): Transport =>
  transport as unknown as Transport;

/** How far the SDK's client of the older generation gets, which most hosts use: it lists the tools, and calls `x`. */
export async function reachWithOlderClient(
  { url, transport }: Endpoint,
  { listMs, callMs }: { listMs: number; callMs: number },
): Promise<'fails' | 'lists' | 'calls'> {
  const client = new Client({ name: 'older', version: '1' });
  const opened =
    transport === 'sse' ? new SSEClientTransport(new URL(url)) : new StreamableHTTPClientTransport(new URL(url));
  const late = AbortSignal.timeout(listMs);
  try {
    await Promise.race([
      client.connect(asTransport(opened), { timeout: listMs, signal: late }),
      new Promise((_, reject) => late.addEventListener('abort', () => reject(late.reason))),
    ]);
    await client.listTools({}, { timeout: listMs });
  } catch {
    await client.close();
    return 'fails';
  }
  try {
    await client.callTool({ name: 'x', arguments: {} }, undefined, { timeout: callMs });
    return 'calls';
  } catch {
    return 'lists';
  } finally {
    await client.close();
  }
}
