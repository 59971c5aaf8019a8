import { z } from 'zod';

/** An MCP endpoint and what it takes to be let in. */
export type Target = { url: string; key: string };

let nextId = 0;

/**
 * One request of the revision 2025-11-25, as small as a client can be: what is measured is the server.
 * @returns the body of its answer, an event stream or JSON.
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
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} was answered ${response.status}: ${text.slice(0, 300)}`);
  return text;
}

const answer = z.looseObject({ result: z.unknown() });

/** @returns the result that a body says. @throws when it is an error or no answer at all. */
export function resultOf(text: string): unknown {
  const json = text.startsWith('{')
    ? text
    : (text.split('\n').findLast((line) => line.startsWith('data: {')) ?? '').slice(6);
  const { result } = json ? answer.parse(JSON.parse(json)) : {};
  if (result === undefined) throw new Error(`This is no result: ${text.slice(0, 300)}`);
  return result;
}

export const rpc = async (target: Target, method: string, params: object): Promise<unknown> =>
  resultOf(await send(target, method, params));

const toolAnswer = z.looseObject({ structuredContent: z.record(z.string(), z.unknown()) });

/** What a tool answers, as data. */
export const callTool = async (target: Target, name: string, args: object): Promise<Record<string, unknown>> =>
  toolAnswer.parse(await rpc(target, 'tools/call', { name, arguments: args })).structuredContent;

export const summaries = z.looseObject({
  runs: z.array(z.looseObject({ runId: z.string() })),
  nextCursor: z.string().nullable(),
});
