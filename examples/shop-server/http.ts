import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NodeIncomingMessageLike } from '@modelcontextprotocol/node';
import type { GarbageKind } from './switches.ts';

const MAX_BODY_BYTES = 1024 * 1024;

/** A request that is answered with an HTTP error. */
export class HttpError extends Error {
  override name = 'HttpError';
  readonly status: number;
  readonly code: number;

  constructor(status: number, message: string, code = -32600) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** @throws HttpError when the body is too large or invalid JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new HttpError(413, `The body is larger than ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new HttpError(400, `The body is invalid JSON: ${error instanceof Error ? error.message : error}`, -32700);
  }
}

/** Converts a request for the SDK's adapters, because Node's type declares absent fields as `undefined`. */
export function toSdkRequest(request: IncomingMessage): NodeIncomingMessageLike {
  return {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: request.headers,
    [Symbol.asyncIterator]: () => request[Symbol.asyncIterator](),
  };
}

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(::ffff:)?127\.|^::1$/.test(address);
}

/** Checks `Authorization: Bearer`. Without a token, every request passes. */
export function createBearerCheck(token: string | undefined): (request: IncomingMessage) => boolean {
  if (token === undefined) return () => true;
  const digest = (value: string) => createHash('sha256').update(value).digest();
  const expected = digest(token);
  return ({ headers }) => {
    const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    return bearer !== undefined && timingSafeEqual(digest(bearer), expected);
  };
}

/** @param message the JSON-RPC request, whose id `wrong_result` repeats. */
export function sendGarbage(response: ServerResponse, kind: GarbageKind, message: unknown): void {
  switch (kind) {
    case 'not_json':
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc":"2.0","resu');
      return;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><h1>It works!</h1>');
      return;
    case 'not_jsonrpc':
      sendJson(response, 200, { hello: 'world' });
      return;
    case 'wrong_result': {
      const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : null;
      sendJson(response, 200, { jsonrpc: '2.0', id, result: { content: 'no list', tools: 7 } });
    }
  }
}
