import {
  classifyInboundRequest,
  isJSONRPCRequest,
  isJsonContentType,
  type JSONRPCRequest,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/server';
import type { Request, Response } from 'express';
import type { Logger } from '../../infra/logger/index.ts';
import { protocolError } from './error.ts';
import type { ToolAnswer } from './tool.ts';

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
 * Answers a call that has begun with one JSON object: without the server, the transport and the event stream that the SDK makes for each
 * request of these revisions, which cost as much as all the rest of a read. A test holds it equal to what they answer.
 */
export async function answerAtOnce(
  response: Response,
  { id }: JSONRPCRequest,
  { begun, log }: { begun: Promise<ToolAnswer>; log: Logger },
): Promise<void> {
  const { requestId } = response.locals;
  const ending = `"jsonrpc":"2.0","id":${JSON.stringify(id)}`;
  const answer = await begun.then(
    // The JSON that the text is stands for the structured content too: it is not made twice.
    ({ content: [{ text }] }) =>
      `{"result":{"content":[{"type":"text","text":${JSON.stringify(text)}}],"structuredContent":${text}},${ending}}`,
    (failure: unknown) => {
      const { code, message, data } = protocolError(failure, { requestId, log });
      return `{${ending},"error":${JSON.stringify({ code, message, data })}}`;
    },
  );
  response.setHeader('Content-Type', 'application/json');
  response.end(answer);
}
