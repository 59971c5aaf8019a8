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
    ({ content: [{ text }] }) => resultBytes(text, ending),
    (failure: unknown) => {
      const { code, message, data } = protocolError(failure, { requestId, log });
      return `{${ending},"error":${JSON.stringify({ code, message, data })}}`;
    },
  );
  response.setHeader('Content-Type', 'application/json');
  response.end(answer);
}

/**
 * The bytes of `{"result":{content, structuredContent},…ending}` where the text is the JSON of the structured content: written once, and
 * copied for the other. Within a string, all that JSON has to escape are its quotes and backslashes, which costs less than half of writing
 * the text as JSON again.
 * @param ending the other fields.
 */
export function resultBytes(text: string, ending: string): Buffer {
  const json = Buffer.from(text);
  const tail = Buffer.from(`},${ending}}`);
  const bytes = Buffer.allocUnsafe(head.length + 2 * json.length + middle.length + json.length + tail.length);
  let end = head.copy(bytes);
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index] ?? 0;
    if (byte === quote || byte === backslash) bytes[end++] = backslash;
    bytes[end++] = byte;
  }
  for (const part of [middle, json, tail]) end += part.copy(bytes, end);
  return bytes.subarray(0, end);
}

const head = Buffer.from('{"result":{"content":[{"type":"text","text":"');
const middle = Buffer.from('"}],"structuredContent":');
const quote = '"'.charCodeAt(0);
const backslash = '\\'.charCodeAt(0);
