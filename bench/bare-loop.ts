import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { z } from 'zod';

/** Makes the five calls of the scripted run (bench/runs.ts) with only the SDK: connect, list tools, call, close. */
export async function runBareLoop(url: string, reference: string): Promise<void> {
  const client = new Client({ name: 'bare-loop', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  await client.listTools();
  const call = async (name: string, args: Record<string, unknown>): Promise<unknown> => {
    const { isError, structuredContent } = await client.callTool({ name, arguments: args });
    if (isError) throw new Error(`${name} failed`);
    return structuredContent;
  };
  const matches = z.object({ products: z.array(z.object({ sku: z.string() })) });
  const sku = matches.parse(await call('search_products', { query: 'mug' })).products[0]?.sku;
  await call('check_stock', { sku });
  const order = z.object({ order_id: z.string() }).parse(await call('create_order', { sku, quantity: 1, reference }));
  await call('get_order', { order_id: order.order_id });
  await call('list_orders', { reference });
  await client.close();
}
