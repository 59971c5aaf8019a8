import {
  type AuthInfo,
  classifyInboundRequest,
  isJSONRPCRequest,
  isJsonContentType,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type Server,
  SUPPORTED_PROTOCOL_VERSIONS,
  type Transport,
} from '@modelcontextprotocol/server';
import type { Request, Response } from 'express';

/**
 * The message of a request that the revisions before 2026-07-28 let a server answer with one JSON object; null for every other, which
 * the SDK's handler serves or refuses.
 */
export function legacyRequest(request: Request, message: unknown): JSONRPCRequest | null {
  const version = request.get('mcp-protocol-version');
  const method = request.get('mcp-method');
  const name = request.get('mcp-name');
  const accepted = request.get('accept') ?? '';
  const isLegacy =
    accepted.includes('application/json') &&
    accepted.includes('text/event-stream') &&
    isJsonContentType(request.get('content-type') ?? null) &&
    (version === undefined || SUPPORTED_PROTOCOL_VERSIONS.includes(version)) &&
    isJSONRPCRequest(message) &&
    classifyInboundRequest({
      httpMethod: request.method,
      body: message,
      ...(version !== undefined && { protocolVersionHeader: version }),
      ...(method !== undefined && { mcpMethodHeader: method }),
      ...(name !== undefined && { mcpNameHeader: name }),
    }).kind === 'legacy';
  return isLegacy ? message : null;
}

/**
 * Answers with one JSON object what tells nothing on its way: without the event stream that the SDK gives these revisions, which costs
 * as much as all the rest that it does for a call.
 */
export async function answerAtOnce(
  server: Server,
  { message, auth, response }: { message: JSONRPCRequest; auth: AuthInfo; response: Response },
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<JSONRPCMessage>();
  const transport: Transport = {
    start: async () => {},
    send: async (answer) => resolve(answer),
    close: async () => {},
  };
  await server.connect(transport);
  transport.onmessage?.(message, { authInfo: auth });
  const answer = await promise;
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(answer));
}
