import type { ServerResponse } from 'node:http';
import { sendGarbage, sendJson } from '../../../examples/shop-server/http.ts';
import type { GarbageKind } from '../../../examples/shop-server/switches.ts';

/** @returns whether it took the request: it answers itself, or never. @param tool of a call, null otherwise */
export type Outage = (request: { tool: string | null; message: unknown }, response: ServerResponse) => boolean;

/** Only calls of that tool, or every request. */
const about =
  (tool: string | undefined, answer: (response: ServerResponse, message: unknown) => void): Outage =>
  (request, response) => {
    if (tool !== undefined && request.tool !== tool) return false;
    answer(response, request.message);
    return true;
  };

export const answerStatus = (status: number, tool?: string, headers: Record<string, string> = {}): Outage =>
  about(tool, (response) => sendJson(response, status, { error: 'The service is not available to you.' }, headers));

export const refuseAccess: Outage = answerStatus(401, undefined, { 'www-authenticate': 'Bearer realm="bench"' });

export const answerGarbage = (kind: GarbageKind, tool?: string): Outage =>
  about(tool, (response, message) => sendGarbage(response, kind, message));

export const dropConnection = (tool?: string): Outage => about(tool, (response) => void response.destroy());

export const neverAnswer = (tool?: string): Outage => about(tool, () => undefined);

export const answerRpcError = (tool: string, code: number, message: string): Outage =>
  about(tool, (response, request) => {
    const id = typeof request === 'object' && request !== null && 'id' in request ? request.id : null;
    sendJson(response, 200, { jsonrpc: '2.0', id, error: { code, message } });
  });

/** Answers late; the request goes on to its tool then. */
export type Delay = { tool?: string; ms: number };
