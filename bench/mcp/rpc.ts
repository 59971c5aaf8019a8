import { z } from 'zod';

/** An MCP endpoint and the API key for it. */
export type Target = { url: string; key: string };

let nextId = 0;

/**
 * Sends a request of revision 2025-11-25, with as little client work as possible, to measure the server.
 * @returns the body of the response: an event stream or JSON.
 */
export async function send({ url, key }: Target, method: string, params: object): Promise<string> {
  nextId += 1;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: nextId, method, params }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} was answered ${response.status}: ${text.slice(0, 300)}`);
  return text;
}

const response = z.looseObject({ result: z.unknown() });

/** @returns the result in the body of a response. @throws when it is an error or not a response. */
export function parseResult(text: string): unknown {
  const json = text.startsWith('{')
    ? text
    : (text.split('\n').findLast((line) => line.startsWith('data: {')) ?? '').slice(6);
  const read = response.safeParse(json ? JSON.parse(json) : {});
  if (!read.success) throw new Error(`The response has no result: ${text.slice(0, 300)}`);
  return read.data.result;
}

export const rpc = async (target: Target, method: string, params: object): Promise<unknown> =>
  parseResult(await send(target, method, params));

const toolResult = z.looseObject({ structuredContent: z.record(z.string(), z.unknown()) });

/** @returns the structured content of the tool's result. */
export const callTool = async (target: Target, name: string, args: object): Promise<Record<string, unknown>> =>
  toolResult.parse(await rpc(target, 'tools/call', { name, arguments: args })).structuredContent;

export const runList = z.looseObject({
  runs: z.array(z.looseObject({ runId: z.string() })),
  nextCursor: z.string().nullable(),
});
