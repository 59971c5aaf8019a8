import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import express from 'express';
import { listen } from '../../../api/listen.ts';
import { mountMcp } from '../../../api/mcp/endpoint.ts';
import { requestLog } from '../../../api/request-log.ts';
import type { Role } from '../../../domain/role/role.ts';
import { createApiKey } from '../../../services/api-key/create.ts';
import type { Deps } from '../../../services/context/context.ts';
import type { TestOrg } from '../../support/setup/context.ts';

export type Endpoint = { url: string; origin: string; close(): Promise<void> };

/** The MCP endpoint as the api process mounts it, without the dashboard. */
export async function startEndpoint(deps: Deps): Promise<Endpoint> {
  const app = express();
  app.use(requestLog(deps.log));
  mountMcp(app, deps);
  const server = await listen(app, { port: 0, host: '127.0.0.1' });
  const origin = `http://127.0.0.1:${server.port}`;
  return { origin, url: `${origin}/api/mcp`, close: server.close };
}

/** A new API key of that role. */
export async function keyOf(org: TestOrg, role: Role): Promise<string> {
  return (await createApiKey(org.as(role), { name: `${role} in a test` })).key;
}

export type Era = 'auto' | 'legacy';

/** The SDK's client: on 2026-07-28 by default, or on the era before. */
export async function connect(url: string, key: string, era: Era = 'auto'): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { versionNegotiation: { mode: era === 'legacy' ? 'legacy' : 'auto' } },
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { authorization: `Bearer ${key}` } } }),
  );
  return client;
}

/** What each message of the revision of 2026 has in `_meta`. */
export const envelope = (protocolVersion = '2026-07-28') => ({
  'io.modelcontextprotocol/protocolVersion': protocolVersion,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
});

export type RawAnswer = { status: number; headers: Headers; body: unknown; text: string };

/**
 * Sends bytes as they are. The answer of the older era comes as one JSON object or as an event stream of one message.
 */
export async function send(
  url: string,
  {
    body,
    key,
    headers = {},
    method = 'POST',
  }: { body?: string; key?: string | null; headers?: HeadersInit; method?: string },
): Promise<RawAnswer> {
  const all = new Headers({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(key && { authorization: `Bearer ${key}` }),
  });
  for (const [name, value] of new Headers(headers)) all.set(name, value);
  const response = await fetch(url, { method, headers: all, ...(body !== undefined && { body }) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: messageIn(text), text };
}

function messageIn(text: string): unknown {
  const data = text
    .split('\n')
    .filter((line) => line.startsWith('data: ') && line.length > 6)
    .map((line) => line.slice(6));
  const json = data.at(-1) ?? text;
  return json === '' ? undefined : JSON.parse(json);
}

/** One request of revision 2026-07-28, with the headers that go with it unless others are given. */
export function modern(
  url: string,
  key: string,
  {
    method,
    params = {},
    headers = {},
    version,
  }: { method: string; params?: object; headers?: Record<string, string>; version?: string },
): Promise<RawAnswer> {
  const named = Object.assign({ name: undefined, uri: undefined }, params);
  const name = named.name ?? named.uri;
  return send(url, {
    key,
    headers: {
      'mcp-protocol-version': version ?? '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: envelope(version) } }),
  });
}

/** One request of revision 2025-11-25. */
export const legacy = (url: string, key: string, method: string, params: object = {}): Promise<RawAnswer> =>
  send(url, {
    key,
    headers: { 'mcp-protocol-version': '2025-11-25' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
